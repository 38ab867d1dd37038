"""`make train` alone, after reviewers have labelled images."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import trainers
from review_desk import image_bytes, sha256
from trainers import jobs

from scones import settings
from scones.images.manifest import Manifest
from scones.settings import Target
from scones.training.request import SCRIPT


def test_training_again_learns_from_them_and_removes_them_when_the_settings_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    with trainers.account(tmp_path / "state") as account:
        outputs = trainers.outputs(account)
        trainer = trainers.trainer(Target("local", "us-east-1"), account, outputs, "reviews")
        trainer.train(SCRIPT, retrain=False)
        assert "reviewed" not in capsys.readouterr().err.lower()

        s3, digest = account.client("s3"), sha256(image_bytes(1))
        record = {
            "label": "bicycle",
            "sha256": digest,
            "s3_key": "uploads/x.png",
            "reviewed_at": "2026-11-20",
        }
        s3.put_object(Bucket=outputs.data_bucket, Key=f"reviewed/{digest}.png", Body=image_bytes(1))
        s3.put_object(
            Bucket=outputs.data_bucket,
            Key=f"reviewed/{digest}.json",
            Body=json.dumps(record).encode(),
        )
        trainer.train(SCRIPT, retrain=False)
        assert "Reviewed images to train on: 1." in capsys.readouterr().err
        assert len(jobs(trainer)) == 2
        manifest = s3.get_object(Bucket=outputs.data_bucket, Key="manifest.json")["Body"].read()
        assert Manifest.parse(manifest).counts["train"] == {"bicycle": 2, "motorcycle": 1}

        trainer.train(SCRIPT, retrain=False)
        assert len(jobs(trainer)) == 2

        without = replace(outputs, training=replace(trainer.outputs.training, use_reviewed=False))
        replace(trainer, outputs=without).train(SCRIPT, retrain=False)
        assert "removed, as training.use_reviewed is false: 1." in capsys.readouterr().err
        manifest = s3.get_object(Bucket=outputs.data_bucket, Key="manifest.json")["Body"].read()
        assert Manifest.parse(manifest).counts["train"] == {"bicycle": 1, "motorcycle": 1}
