"""The artifact behind AWS's own start script and adapter of the Ray image.

SageMaker sends requests as soon as GET /ping is answered with 200, and gives up a new container
that does not come so far.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from artifacts import REFUSED, Trained
from broken_models import BROKEN
from eventually import eventually
from model_servers import OWN_HEALTH
from ray_container import (
    CONTAINER_PYTHON,
    SECONDS,
    UNSET,
    VARIABLE,
    RayContainer,
    find_scripts,
    get,
    ray_container,
)

if not CONTAINER_PYTHON.with_name("serve").exists():
    pytest.skip('Ray is not installed: "make conformance" installs it', allow_module_level=True)

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
# As Terraform sets them in the SageMaker model.
VARIABLES = {**OWN_HEALTH, "SCONES_MODEL": "scones-1", "SCONES_THRESHOLD": "0.9"}
START = "self.threads = "


@pytest.fixture(scope="module")
def scripts() -> Path:
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(UNSET)
    return find_scripts(folder)


@pytest.fixture(scope="module")
def served(
    scripts: Path, trained: Trained, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RayContainer]:
    """A healthy container, whose replica was held up until the health checks had been watched."""
    folder = tmp_path_factory.mktemp("held")
    model, release = folder / "model", folder / "release"
    shutil.copytree(trained.model, model)
    application = model / "deployment.py"
    text = application.read_text()
    assert text.count(START) == 1
    hold = f"import time\n        while not Path({str(release)!r}).exists(): time.sleep(0.1)"
    application.write_text(text.replace(START, f"{hold}\n        {START}"))
    with ray_container(scripts, model, VARIABLES) as container:
        # Ray's proxy is healthy by itself before the replica is, so the adapter must not ask it.
        eventually(lambda: get(f"{container.ray_url}/-/healthz") == 200, SECONDS)
        eventually(lambda: container.ping() == 503, SECONDS)
        for _ in range(3):
            assert container.ping() == 503
        release.touch()
        eventually(lambda: container.ping() == 200, SECONDS)
        yield container


def test_it_is_healthy_when_a_replica_answers_as_plain_python_does(
    served: RayContainer, trained: Trained
) -> None:
    for name, image in trained.images.items():
        answer = served.invoke(image, "application/x-image")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == pytest.approx(trained.answers[name], abs=1e-4)
        assert json.loads(answer.headers[ATTRIBUTES])["model"] == "scones-1"


def test_a_wrong_request_is_the_callers_fault(served: RayContainer) -> None:
    for refused in REFUSED:
        answer = served.invoke(refused.body, refused.content_type)
        assert answer.status_code == refused.status
        assert answer.text.startswith(refused.sentence)
    assert served.ping() == 200


@pytest.mark.parametrize("broken", BROKEN)
def test_a_model_that_cannot_be_loaded_never_passes_the_health_check(
    scripts: Path, trained: Trained, tmp_path: Path, broken: str
) -> None:
    spoil, reason = BROKEN[broken]
    shutil.copytree(trained.model, tmp_path / "model")
    spoil(tmp_path / "model")
    # Without a path in the backend's address: also where Ray's proxy answers.
    with ray_container(scripts, tmp_path / "model", {}) as container:
        pings = watch(container, reason)
        assert 200 not in pings
        assert pings[-1] == 503


def watch(container: RayContainer, reason: str) -> list[int]:
    """Every answer to the health check until the reason is in the log, and some more after it."""
    pings: list[int] = []

    def has_failed() -> bool:
        pings.append(container.ping())
        return reason in container.log and pings[-1] > 0

    eventually(has_failed, SECONDS, pause=0.5)
    for _ in range(10):
        pings.append(container.ping())
        time.sleep(0.5)
    return pings
