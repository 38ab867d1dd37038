"""The train verb on the local AWS, with a training script of a few lines."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import accounts
import pytest
from paths import EXAMPLE_OUTPUTS
from roles import make_role

from scones import aws, handover
from scones.commands.train import Trainer
from scones.handover import Model
from scones.images.manifest import Entry, Manifest, Origin
from scones.outputs import Outputs
from scones.settings import Target

# It reports 50 test images, the first of them wrong: as many as its accuracy leaves.
SOURCE = """
import json, os, pathlib, sys, time

base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
settings = json.loads((base / "input/config/hyperparameters.json").read_text())
manifest = json.loads((base / "input/data/manifest/manifest.json").read_text())
for epoch in (1, 2):
    print(f"epoch={epoch}/2 train_loss=0.5 validation_accuracy=0.9 seconds=0.1", flush=True)
time.sleep(float(settings["seconds"]))
if settings["failure"]:
    (base / "output" / "failure").write_text(settings["failure"])
    sys.exit(1)
names = sorted(file.name for file in (base / "input/data/test").iterdir())
accuracy, threshold = float(settings["accuracy"]), float(settings.get("threshold", 0.71))
split = {
    "images": 50,
    "accuracy": accuracy,
    "accuracy_interval": [round(accuracy - 0.03, 2), round(accuracy + 0.03, 2)],
    "ece": 0.02,
    "accepted": 0.77,
    "accepted_accuracy": 0.99,
    "own_accepted": 0.9,
    "own_accepted_accuracy": 0.98,
}
metrics = {
    "validation": split,
    "test": split,
    "threshold": threshold,
    "own_threshold": 0.71,
    "drawn": manifest["drawn"],
    "probes": {f"test/{name}": [1 - threshold, threshold] for name in names},
    "serving": {"milliseconds": 1.5, "startup_seconds": 0.3, "megabytes": 2.1, "views": 1},
}
answers = []
for number in range(50):
    right = number >= round(50 * (1 - accuracy))
    answers.append({
        "key": f"test/{number:02}.png",
        "sha256": f"{settings['dataset']} {number}",
        "label": 1,
        "probabilities": [0.1, 0.9] if right else [0.9, 0.1],
    })
predictions = {"classes": manifest["classes"], "images": answers}
(base / "model" / "metrics.json").write_text(json.dumps(metrics))
(base / "model" / "predictions.json").write_text(json.dumps(predictions))
(base / "model" / "contact-sheet.png").write_bytes(b"a png")
(base / "model" / "code").mkdir()
(base / "model" / "code" / "inference.py").write_text("def model_fn(folder): return folder")
print(f"test_accuracy={accuracy:.4f}", flush=True)
"""
KEYS = ("train/a.png", "train/b.png", "validation/c.png", "test/d.png")


@contextmanager
def account(state: Path) -> Iterator[aws.Account]:
    """A separate local AWS, reached by environment variables as the verbs reach it."""
    with accounts.local(state) as local, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AWS_", "SAGEMAKER_"))]:
            patch.delenv(name)
        patch.setenv("AWS_ENDPOINT_URL", local.url)
        patch.setenv("AWS_ACCESS_KEY_ID", "local")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "local")
        patch.setenv("AWS_MAX_ATTEMPTS", "2")
        yield aws.Account.of(Target("local", "us-east-1"))


def outputs(account: aws.Account) -> Outputs:
    """The outputs of a target with a few images staged in its bucket."""
    example = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
    bucket = f"scones-local-data-{account.id}"
    s3 = account.client("s3")
    s3.create_bucket(Bucket=bucket)
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    images = tuple(
        Entry(key, label % 2, hashlib.sha256(key.encode()).hexdigest())
        for label, key in enumerate(KEYS)
    )
    counts = {
        "train": {"bicycle": 1, "motorcycle": 1},
        "validation": {"bicycle": 1},
        "test": {"motorcycle": 1},
    }
    manifest = Manifest(
        example.classes, Origin("sample", "aa" * 32, True), "1.0", 0, counts, images
    )
    s3.put_object(Bucket=bucket, Key="manifest.json", Body=manifest.as_json())
    for split in ("train", "validation"):
        s3.put_object(Bucket=bucket, Key=f"{split}.lst", Body=manifest.lst(split))
    account.client("sagemaker").create_model_package_group(
        ModelPackageGroupName=example.model_package_group
    )
    role_arn = make_role(account.client("iam"), "scones-local-training")
    return replace(
        example,
        data_bucket=bucket,
        training=replace(example.training, role_arn=role_arn, spot=False, max_run_seconds=60),
    )


def trainer(target: Target, account: aws.Account, outputs: Outputs, test: str) -> Trainer:
    """A trainer with hyperparameters of its own, so that no `test` finds another's jobs."""
    package = target.root / "python" / "container"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "train.py").write_text(SOURCE)
    return with_hyperparameters(Trainer(target, account, outputs, package), test=test)


def with_hyperparameters(trainer: Trainer, **changes: str) -> Trainer:
    defaults = {"seconds": "0", "failure": "", "accuracy": "0.94", "dataset": "dataset"}
    values = {**defaults, **trainer.outputs.training.hyperparameters, **changes}
    training = replace(trainer.outputs.training, hyperparameters=values)
    return replace(trainer, outputs=replace(trainer.outputs, training=training))


def jobs(trainer: Trainer) -> list[str]:
    """The jobs of the account that ran for the trainer's test."""
    sagemaker = trainer.account.client("sagemaker")
    pages = sagemaker.get_paginator("list_training_jobs").paginate()
    names = [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]
    test = trainer.outputs.training.hyperparameters["test"]
    ours = (sagemaker.describe_training_job(TrainingJobName=name) for name in names)
    return [job["TrainingJobName"] for job in ours if job["HyperParameters"].get("test") == test]


def handed_over(trainer: Trainer) -> Model:
    model = handover.read(trainer.target.handover)
    assert model is not None
    return model
