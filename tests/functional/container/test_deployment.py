"""The artifact's application: healthy with its model, and never with one that cannot be loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from broken_models import BROKEN
from model_servers import OWN_HEALTH, serving
from monitored_images import pngs, untrained

from container import artifact
from container.serving.inference import predict_fn


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The unpacked artifact of an untrained model."""
    artifact.write(untrained(), tmp_path / "model")
    return tmp_path / "model"


def test_it_is_healthy_and_answers(folder: Path) -> None:
    [image] = pngs([0])
    with serving(folder, environment=OWN_HEALTH) as server:
        assert server.settled() == 200
        answer = server.invoke(image, "image/png")
        expected = predict_fn(image, untrained()).tolist()
        assert json.loads(answer.content) == pytest.approx(expected, abs=1e-4)
        refused = server.invoke(b"text", "image/png")
        assert (refused.status_code, refused.text[:24]) == (400, "The body is not an image")


@pytest.mark.parametrize("broken", BROKEN)
def test_a_model_that_cannot_be_loaded_is_never_healthy(folder: Path, broken: str) -> None:
    spoil, reason = BROKEN[broken]
    spoil(folder)
    # Without a path in the backend's address, Ray's proxy answers: the import itself must fail.
    with serving(folder) as server:
        assert server.settled() == 503
        assert reason in server.log.read_text()
