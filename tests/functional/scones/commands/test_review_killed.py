"""The review as a process of its own, ended by its user or by a power cut."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import accounts
import pytest
from accounts import Account
from browser import needs_browser, window
from eventually import eventually
from paths import EXAMPLE_OUTPUTS, ROOT
from review_desk import BUCKET, Desk, image_bytes
from selenium.webdriver.common.by import By

from scones.commands.review import main, review
from scones.errors import UserError
from scones.outputs import Outputs
from scones.settings import Target

# What `make review` does after it has read the outputs. A message is hidden for a second, so that a
# test can wait for it to return; with "stuck", deleting a message hangs.
REVIEW = """
import json, sys, time
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, {tests!r})
from accounts import Account
from scones.outputs import Outputs
from scones.commands.review import review
from scones.settings import Target

account, stuck = Account(sys.argv[1]), "stuck" in sys.argv
sqs = account.client("sqs")
outputs = Outputs.parse(json.loads(Path({tests!r}, "..", "data", "outputs.json").read_text()))
outputs = replace(outputs, queues={{"review": sys.argv[2]}}, data_bucket={bucket!r})

def shorten(params, **_):
    params["VisibilityTimeout"] = 1

def hang(**_):
    print("deleting", flush=True)
    time.sleep(600)

sqs.meta.events.register("provide-client-params.sqs.ReceiveMessage", shorten)
if stuck:
    sqs.meta.events.register("before-call.sqs.DeleteMessage", hang)
sys.exit(review(Target("local", "us-east-1"), outputs, sqs, account.client("s3"), "ada", 0))
"""


@dataclass
class Running:
    process: subprocess.Popen[str]
    url: str

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}state", timeout=30) as answer:
            return dict(json.load(answer))

    def post(self, action: str, given: dict[str, str], timeout: float = 30) -> dict[str, Any]:
        origin = "/".join(self.url.split("/")[:3])
        request = urllib.request.Request(
            f"{self.url}{action}", json.dumps(given).encode(), {"Origin": origin}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return dict(json.load(answer))

    def ends(self) -> str:
        """What the process writes to stderr until it ends, with exit status 0."""
        _, written = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, written
        return written


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with accounts.stock() as account:
        yield account


@pytest.fixture
def desk(account: Account) -> Iterator[Desk]:
    desk = Desk.create(account.client("s3"), account.client("sqs"))
    yield desk
    desk.sqs.delete_queue(QueueUrl=desk.url)
    for key in desk.keys(""):
        desk.s3.delete_object(Bucket=BUCKET, Key=key)
    desk.s3.delete_bucket(Bucket=BUCKET)


@contextmanager
def running(account: Account, desk: Desk, *words: str) -> Iterator[Running]:
    script = REVIEW.format(tests=str(ROOT / "tests" / "support"), bucket=BUCKET)
    process = subprocess.Popen(
        [sys.executable, "-c", script, account.url, desk.url, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=accounts.environment(),
    )
    try:
        assert process.stdout is not None
        yield Running(process, process.stdout.readline().strip())
    finally:
        process.kill()
        process.communicate()


def test_a_label_survives_a_kill_before_its_message_is_deleted(
    account: Account, desk: Desk
) -> None:
    digest = desk.add("run-1", image_bytes(1))
    with running(account, desk, "stuck") as reviewing:
        card = reviewing.state()["card"]
        with suppress(TimeoutError, urllib.error.URLError):
            reviewing.post("label", {"id": card["id"], "label": "motorcycle"}, timeout=3)
        assert reviewing.process.stdout is not None
        assert reviewing.process.stdout.readline() == "deleting\n"
        reviewing.process.send_signal(signal.SIGKILL)
        assert reviewing.process.wait() == -signal.SIGKILL
    before = desk.record(digest)
    assert sum(desk.in_queue()) == 1
    time.sleep(1.2)

    with running(account, desk) as reviewing:
        state = eventually(lambda: (state := reviewing.state())["tally"]["known"] and state)
        assert (state["card"], state["tally"]["labelled"]) == (None, 0)
        reviewing.post("done", {})
        assert (
            "0 images labelled, 0 skipped and 1 labelled before; 0 left in the queue."
            in reviewing.ends()
        )
    assert desk.record(digest) == before
    assert before["label"] == "motorcycle"
    assert desk.truth_lines() == ["run-1"]
    assert desk.truth() == {"run-1": "motorcycle"}
    assert desk.in_queue() == (0, 0)


def test_ctrl_c_half_way_keeps_what_was_labelled_and_returns_the_rest(
    account: Account, desk: Desk
) -> None:
    for number in range(3):
        desk.add(f"run-{number}", image_bytes(number))
    with running(account, desk) as reviewing:
        assert reviewing.url.startswith("http://127.0.0.1:")
        card = reviewing.state()["card"]
        reviewing.post("label", {"id": card["id"], "label": "bicycle"})
        reviewing.process.send_signal(signal.SIGINT)
        written = reviewing.ends()
    assert "1 image labelled and 0 skipped; 2 left in the queue." in written
    assert written.endswith("Next: make train\n")
    assert "Traceback" not in written
    assert desk.in_queue() == (2, 0)
    assert len(desk.truth()) == 1


@needs_browser
def test_a_page_shows_that_the_verb_has_ended(chromium: Any, account: Account, desk: Desk) -> None:
    desk.add("run-1", image_bytes(1))
    with running(account, desk) as reviewing, window(chromium) as driver:
        driver.get(reviewing.url)
        eventually(lambda: driver.find_element(By.ID, "image").is_displayed())
        reviewing.process.kill()
        reviewing.process.wait()
        driver.find_element(By.TAG_NAME, "body").send_keys("1")
        eventually(lambda: driver.find_element(By.ID, "ended").is_displayed())
        assert "make review again" in driver.find_element(By.ID, "ended-text").text


def test_a_port_that_is_in_use_or_invalid_is_one_sentence(desk: Desk) -> None:
    raw = json.loads(EXAMPLE_OUTPUTS.read_text())
    outputs = Outputs.parse({**raw, "queues": {"review": desk.url}})
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=rf"Port {port} of 127.0.0.1: .*PORT=0 for any"):
            review(Target("local", "us-east-1"), outputs, desk.sqs, desk.s3, "ada", port)
    for port in ("-1", "65536", "http"):
        with pytest.raises(UserError, match="PORT must be a whole number from 0 to 65,535"):
            main(["--port", port])
