"""The training report of the train verb: in the build folder, and beside the artifact in S3."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from trainers import handed_over, jobs

from scones.commands.train import Trainer
from scones.training.request import SCRIPT


def page(trainer: Trainer) -> str:
    return (trainer.target.build / "training-report.html").read_text()


def beside(trainer: Trainer, job: str, name: str) -> dict[str, Any]:
    """The object of this name beside the job's artifact."""
    key = f"models/{job}/output/{name}"
    return dict(
        trainer.account.client("s3").get_object(Bucket=trainer.outputs.data_bucket, Key=key)
    )


def test_the_report_is_in_the_build_folder_and_beside_the_artifact(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trainer.train(SCRIPT, retrain=False) == 0
    (job,) = jobs(trainer)
    assert "Report: build/local/training-report.html\n" in capsys.readouterr().err
    assert handed_over(trainer).name in page(trainer)
    assert "dataset" in page(trainer), "the hyperparameters of the job"

    kinds = {
        "training-report.html": "text/html; charset=utf-8",
        "metrics.json": "application/json",
        "predictions.json": "application/json",
        "contact-sheet.png": "image/png",
    }
    objects = {name: beside(trainer, job, name) for name in kinds}
    assert {name: entry["ContentType"] for name, entry in objects.items()} == kinds
    assert objects["training-report.html"]["Body"].read().decode() == page(trainer)
    assert objects["contact-sheet.png"]["Body"].read() == b"a png"


def test_a_model_that_misses_the_gate_is_reported_too(trainer: Trainer) -> None:
    strict = replace(
        trainer, outputs=replace(trainer.outputs, quality_gate={"minimum_accuracy": 1.0})
    )
    assert strict.train(SCRIPT, retrain=False) == 1
    (job,) = jobs(trainer)
    assert "Misses the quality gate" in page(trainer)
    assert beside(trainer, job, "training-report.html")["Body"].read().decode() == page(trainer)


def test_a_report_that_was_lost_is_written_again_without_training(trainer: Trainer) -> None:
    trainer.train(SCRIPT, retrain=False)
    before = page(trainer)
    (trainer.target.build / "training-report.html").unlink()
    trainer.train(SCRIPT, retrain=False)
    assert page(trainer) == before
    assert len(jobs(trainer)) == 1


def test_an_unchanged_report_is_kept_until_the_verdict_changes(trainer: Trainer) -> None:
    trainer.train(SCRIPT, retrain=False)
    file = trainer.target.build / "training-report.html"
    file.write_text(f"{page(trainer)}<!-- kept -->")
    trainer.train(SCRIPT, retrain=False)
    assert page(trainer).endswith("<!-- kept -->")

    strict = replace(
        trainer, outputs=replace(trainer.outputs, quality_gate={"minimum_accuracy": 1.0})
    )
    strict.train(SCRIPT, retrain=False)
    assert "Misses the quality gate" in page(trainer)
    assert not page(trainer).endswith("<!-- kept -->")
