"""The artifact's application in a real Ray Serve, laid out as in SageMaker's Ray image."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from artifacts import ENDPOINT, REFUSED, Refused, Trained, environment, together

from container.serving.attribution import HEADER, parse

pytest.importorskip("ray", reason='not installed: "make conformance" installs it')
STARTUP = 120  # seconds


@pytest.fixture(scope="module")
def url(trained: Trained) -> Iterator[str]:
    """Address of the application: config.yaml as it is, on a free port of this machine alone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Ray's sockets lie in this folder, and their names must stay short.
    folder = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))
    config = folder / "config.yaml"
    place = f"http_options: {{host: 127.0.0.1, port: {port}}}\n"
    config.write_text((trained.model / "config.yaml").read_text() + place)
    variables = environment(
        PYTHONPATH=trained.path,
        RAY_TMPDIR=str(folder),
        RAY_USAGE_STATS_ENABLED="0",
        **ENDPOINT,
    )
    variables["RAY_ADDRESS"] = "local"
    log = folder / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "ray.serve.scripts", "run", str(config)],
            env=variables,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=trained.model,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/-/healthz", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()
            shutil.rmtree(folder, ignore_errors=True)


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTUP
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if requests.get(address, timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.5)
    pytest.fail(log.read_text()[-4000:])


def ask(url: str, body: bytes, content_type: str) -> requests.Response:
    return requests.post(
        f"{url}/", data=body, headers={"Content-Type": content_type, "Accept": "*/*"}, timeout=60
    )


def test_every_image_gets_the_answer_that_plain_python_gives(trained: Trained, url: str) -> None:
    for name, image in trained.images.items():
        answer = ask(url, image, "application/x-image")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == pytest.approx(trained.answers[name], abs=1e-4)
        attribution = parse(answer.headers[HEADER])
        assert attribution
        assert (attribution.model, len(attribution.classes)) == ("scones-1", len(answer.json()))


def test_several_images_in_a_request_are_answered_together(trained: Trained, url: str) -> None:
    answer = ask(url, together(trained.images.values()), "application/json")
    for one, expected in zip(answer.json()["predictions"], trained.answers.values(), strict=True):
        assert one == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused.sentence)
def test_a_wrong_request_is_the_callers_fault(trained: Trained, url: str, refused: Refused) -> None:
    answer = ask(url, refused.body, refused.content_type)
    assert (answer.status_code, answer.text[: len(refused.sentence)]) == (
        refused.status,
        refused.sentence,
    )
    name, image = next(iter(trained.images.items()))
    assert ask(url, image, "image/png").json() == pytest.approx(trained.answers[name], abs=1e-4), (
        "it still serves"
    )
