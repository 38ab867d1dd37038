"""The file that training hands over to Terraform."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from example_model import JOB, MODEL, SHA256

from scones import handover
from scones.handover import Gate, Metrics, Model
from scones.training.trained_models import caveats, summary


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "build" / "local" / "model.tfvars.json"
    handover.write(file, MODEL)
    assert handover.read(file) == MODEL
    assert [path.name for path in file.parent.iterdir()] == ["model.tfvars.json"]


def test_the_file_sets_terraforms_variable_model(tmp_path: Path) -> None:
    handover.write(tmp_path / "model.tfvars.json", MODEL)
    written = json.loads((tmp_path / "model.tfvars.json").read_text())
    assert written.keys() == {"model"}
    assert written["model"]["name"] == f"{JOB}-deadbeef"
    assert written["model"]["classes"] == ["bicycle", "motorcycle"]
    assert written["model"]["data"] == {
        "source": "sample",
        "sha256": "ab" * 32,
        "fingerprint": "cd" * 32,
    }
    assert written["model"]["metrics"] == {
        "validation_accuracy": 0.92,
        "test_accuracy": 0.94,
        "test_ece": 0.02,
        "test_accepted": 0.77,
        "test_accepted_accuracy": 0.99,
        "test_images": 100,
        "test_accuracy_low": 0.88,
        "test_accuracy_high": 0.97,
        "own_threshold": 0.71,
        "milliseconds": 1.5,
        "megabytes": 2.1,
    }
    assert written["model"]["gate"] == {
        "passed": False,
        "forced": True,
        "missed": ["test accuracy 0.87 is too low"],
    }
    assert written["model"]["comparison"]["interval"] == [-0.04, 0.08]


def test_a_handover_from_before_there_was_a_gate_is_read(tmp_path: Path) -> None:
    older = json.loads(handover.as_json(MODEL))["model"]
    metrics = {name: older["metrics"][name] for name in ("validation_accuracy", "test_accuracy")}
    kept = {name: value for name, value in older.items() if name not in ("gate", "comparison")}
    (tmp_path / "model.tfvars.json").write_text(json.dumps({"model": {**kept, "metrics": metrics}}))
    assert handover.read(tmp_path / "model.tfvars.json") == replace(
        MODEL, metrics=Metrics(0.92, 0.94), gate=None, comparison=None
    )


def test_figures_that_an_earlier_version_measured_are_left_out(tmp_path: Path) -> None:
    older = json.loads(handover.as_json(MODEL))["model"]
    older["metrics"]["test_accepted_at_precision"] = 0.94
    (tmp_path / "model.tfvars.json").write_text(json.dumps({"model": older}))
    assert handover.read(tmp_path / "model.tfvars.json") == MODEL


def test_a_model_without_a_gate_is_read_back_from_terraforms_outputs() -> None:
    raw = json.loads(handover.as_json(MODEL))["model"]
    assert Model.parse({**raw, "gate": None, "comparison": None}) == replace(
        MODEL, gate=None, comparison=None
    )


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"model": null}', '{"model": {"name": "x"}}']
)
def test_a_file_that_is_not_a_handover_counts_as_missing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "model.tfvars.json"
    assert handover.read(file) is None
    file.write_text(text)
    assert handover.read(file) is None


def test_a_name_follows_the_job_and_the_content_and_fits_sagemaker() -> None:
    assert handover.model_name(JOB, SHA256) == f"{JOB}-deadbeef"
    assert handover.model_name(JOB, "f" * 64) != handover.model_name(JOB, SHA256)
    longest_environment = "a" * 22
    assert (
        len(handover.model_name(f"scones-{longest_environment}-0a1b2c3d-20261121-101500", SHA256))
        <= 63
    )


@pytest.mark.parametrize(
    ("metrics", "line"),
    [
        (
            Metrics(0.92, 0.94, 0.02, 0.77, 0.99, 100),
            "test accuracy 0.94 (100 images), accepted 0.77 of them at ≥ 0.93 with 0.99 right",
        ),
        (
            Metrics(0.5, 0.5, 0.1, 0.0, None, 100),
            "test accuracy 0.50 (100 images), accepted 0.00 of them at ≥ 0.93",
        ),
        (Metrics(0.81), "validation accuracy 0.81"),
        (Metrics(None), "no accuracy measured"),
    ],
)
def test_its_measures_fit_one_line(metrics: Metrics, line: str) -> None:
    assert summary(replace(MODEL, metrics=metrics)) == line


def test_measures_on_drawn_images_are_marked_as_such() -> None:
    assert "drawn sample, not photographs" in caveats(MODEL)
    assert caveats(replace(MODEL, drawn=False, gate=Gate(passed=True))) == ""


def test_a_model_that_was_forced_through_its_gate_is_marked_as_such() -> None:
    assert caveats(replace(MODEL, drawn=False)) == (
        " It misses the quality gate and is handed over by force: test accuracy 0.87 is too low."
    )
