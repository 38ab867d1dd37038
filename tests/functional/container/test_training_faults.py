"""An error in a job's input is one sentence in output/failure that names it."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from job_folder import lay_out
from training_hosts import COUNTS, failure

from container import launch, train
from container.job import Job

Fails = Callable[[Path], str]


@pytest.fixture
def fails(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Fails]:
    """Run a job in this process and return the sentence with which it fails."""
    monkeypatch.setattr(sys, "argv", ["container.train"])
    handler = signal.getsignal(signal.SIGTERM)

    def run(base: Path) -> str:
        status = Job(base).run(launch.everywhere(train.main, "container.train"))
        printed = "".join(capsys.readouterr())
        assert status == 1, printed
        assert printed.splitlines()[-1] == f"Error: {failure(base)}"
        assert "Traceback" not in printed
        assert not any((base / "model").glob("*"))
        return failure(base)

    yield run
    signal.signal(signal.SIGTERM, handler)


def test_a_corrupt_image_is_named_even_if_it_was_staged_so(tmp_path: Path, fails: Fails) -> None:
    base = lay_out(tmp_path, COUNTS)
    image = base / "input" / "data" / "train" / "square_003.png"
    image.write_bytes(image.read_bytes()[:200])
    manifest = base / "input" / "data" / "manifest" / "manifest.json"
    content = json.loads(manifest.read_text())
    entry = next(entry for entry in content["images"] if entry["key"] == "train/square_003.png")
    entry["sha256"] = hashlib.sha256(image.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(content))
    assert fails(base).startswith("square_003.png is damaged: ")


def test_a_class_that_a_split_lacks_is_named(tmp_path: Path, fails: Fails) -> None:
    base = lay_out(tmp_path, {**COUNTS, "validation": 1})
    assert (
        fails(base) == "The validation split has no image of square; stage a source that has some."
    )


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("epochs", 0, "0 is not between 1 and 10,000"),
        ("learning_rate", "fast", "'fast' is not of type float"),
    ],
)
def test_a_hyperparameter_out_of_range_is_named(
    tmp_path: Path, fails: Fails, name: str, value: object, complaint: str
) -> None:
    base = lay_out(tmp_path, COUNTS, **{name: value})
    assert fails(base) == f"A hyperparameter is wrong: argument --{name}: {complaint}."
