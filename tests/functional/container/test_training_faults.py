"""An error in a job's input is one sentence in output/failure that names it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from job_folder import lay_out
from training_hosts import COUNTS, failure, train


def fails(base: Path) -> str:
    """The sentence with which a job fails."""
    status, printed = train(base)
    assert status == 1, printed
    assert printed.splitlines()[-1] == f"Error: {failure(base)}"
    assert "Traceback" not in printed
    assert not any((base / "model").glob("*"))
    return failure(base)


def test_a_corrupt_image_is_named_even_if_it_was_staged_so(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS)
    image = base / "input" / "data" / "train" / "square_003.png"
    image.write_bytes(image.read_bytes()[:200])
    manifest = base / "input" / "data" / "manifest" / "manifest.json"
    content = json.loads(manifest.read_text())
    entry = next(entry for entry in content["images"] if entry["key"] == "train/square_003.png")
    entry["sha256"] = hashlib.sha256(image.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(content))
    assert fails(base).startswith("square_003.png is damaged: ")


def test_a_class_that_a_split_lacks_is_named(tmp_path: Path) -> None:
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
    tmp_path: Path, name: str, value: object, complaint: str
) -> None:
    base = lay_out(tmp_path, COUNTS, **{name: value})
    assert fails(base) == f"A hyperparameter is wrong: argument --{name}: {complaint}."
