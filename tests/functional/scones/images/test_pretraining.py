"""Images of other classes: staged as one file, and learned from before a model's own."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
import torch
from job_folder import CLASSES, lay_out, write
from training_hosts import train

from container import pretraining as container_pretraining
from container.errors import TrainingError
from scones.errors import UserError
from scones.images import pretraining
from scones.images.cifar100 import Cifar100, Split
from scones.images.manifest import Manifest, Origin
from scones.images.split import hold_out
from scones.images.staging import stage

BUCKET = "scones-local-data-123456789012"
NAMES = ("bicycle", "bus", "motorcycle", "tank", "tractor")


def archived(title: str, each: int, seed: int) -> Split:
    """A split with `each` images of noise per class, whose brightness depends on the class."""
    labels = np.repeat(np.arange(len(NAMES)), each)
    noise = np.random.default_rng(seed).integers(0, 60, (len(labels), 3072))
    rows = (noise + 40 * labels[:, None]).astype(np.uint8)
    return Split(title, [f"{title}_{row}.png" for row in range(len(labels))], labels, rows)


ARCHIVE = Cifar100(Path("five.tar.gz"), NAMES, archived("train", 60, 0), archived("test", 6, 1))
OURS = ("bicycle", "motorcycle")


@pytest.fixture
def s3(aws: boto3.session.Session) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


def staged(s3: Any, *, others: bool) -> Manifest:
    dataset = hold_out(ARCHIVE.only(OURS), 0.2, 0)
    packed = pretraining.pack(ARCHIVE, OURS) if others else None
    return stage(
        dataset, Origin("five", "ab" * 32, drawn=False), "1.0", 0, s3, BUCKET, packed
    ).manifest


def keys(s3: Any) -> set[str]:
    return {entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}


@pytest.mark.parametrize(
    ("setting", "source", "instance", "expected"),
    [
        (None, "cifar100", "ml.g4dn.xlarge", True),
        (None, "cifar100", "ml.m5.large", False),
        (None, "sample", "ml.g4dn.xlarge", False),
        (False, "cifar100", "ml.g4dn.xlarge", False),
        (True, "other.tar.gz", "ml.m5.large", True),
    ],
)
def test_the_settings_decide_or_else_source_and_hardware(
    setting: bool | None, source: str, instance: str, expected: bool
) -> None:
    assert pretraining.is_enabled(setting, source, instance) is expected


def test_the_file_holds_the_training_images_of_all_other_classes_and_no_others(s3: Any) -> None:
    manifest = staged(s3, others=True)
    assert manifest.pretraining is not None
    assert manifest.pretraining.classes == ("bus", "tank", "tractor")
    assert manifest.pretraining.images == 180
    assert (
        Manifest.parse(s3.get_object(Bucket=BUCKET, Key="manifest.json")["Body"].read()) == manifest
    )
    content = s3.get_object(Bucket=BUCKET, Key="pretraining/images.npz")["Body"].read()
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    assert images.shape == (180, 3, 32, 32)
    assert np.bincount(labels).tolist() == [60, 60, 60]
    tests = {row.tobytes() for row in ARCHIVE.test.rows}
    assert not any(image.tobytes() in tests for image in images)


def test_staged_again_nothing_is_written_and_turned_off_the_file_goes(s3: Any) -> None:
    with_others = staged(s3, others=True)
    made: list[str] = []
    s3.meta.events.register("before-call.s3", lambda model, **_: made.append(model.name))
    assert staged(s3, others=True) == with_others
    assert set(made) == {"ListObjectsV2", "HeadObject"}
    without = staged(s3, others=False)
    assert without.pretraining is None
    assert without.fingerprint != with_others.fingerprint
    assert "pretraining/images.npz" not in keys(s3)


def test_a_file_of_another_content_is_replaced(s3: Any) -> None:
    staged(s3, others=True)
    s3.put_object(Bucket=BUCKET, Key="pretraining/images.npz", Body=b"something else")
    manifest = staged(s3, others=True)
    assert manifest.pretraining is not None
    head = s3.head_object(Bucket=BUCKET, Key="pretraining/images.npz")
    assert head["Metadata"]["sha256"] == manifest.pretraining.sha256
    assert head["ContentLength"] > 180 * 3072


def test_an_archive_without_other_classes_is_one_sentence() -> None:
    two = replace(ARCHIVE, classes=("bicycle", "bus", "motorcycle"))
    few = replace(two, train=archived("train", 1, 0), test=archived("test", 1, 0))
    only = [np.isin(split.labels, [0, 2]) for split in (few.train, few.test)]
    train, test = (
        replace(
            split,
            labels=split.labels[keep],
            rows=split.rows[keep],
            names=[f"{i}.png" for i in range(keep.sum())],
        )
        for split, keep in zip((few.train, few.test), only, strict=True)
    )
    with pytest.raises(UserError, match="holds no other classes to pretrain on"):
        pretraining.pack(replace(few, train=train, test=test), OURS)


def job(base: Path, labels: list[int], classes: list[str], **hyperparameters: object) -> Path:
    """A job's folder with discs and squares, and noise of other classes to pretrain on."""
    lay_out(base, {"train": 32, "validation": 12, "test": 12}, batch_size=8, **hyperparameters)
    images = (
        np.random.default_rng(0).integers(0, 60, (len(labels), 3, 16, 16))
        + 60 * np.array(labels)[:, None, None, None]
    )
    folder = base / "input" / "data" / "pretraining"
    folder.mkdir()
    np.savez(
        folder / "images.npz",
        images=images.astype(np.uint8),
        labels=np.array(labels),
        classes=np.array(classes),
    )
    file = base / "input" / "data" / "manifest" / "manifest.json"
    content = (folder / "images.npz").read_bytes()
    described = {
        "key": "pretraining/images.npz",
        "sha256": hashlib.sha256(content).hexdigest(),
        "images": len(labels),
        "classes": classes,
    }
    write(file, {**json.loads(file.read_text()), "pretraining": described})
    return base


def test_the_script_learns_from_other_classes_first_and_keeps_what_it_learned(
    tmp_path: Path,
) -> None:
    others = ["bus", "tank", "tractor"]
    base = job(tmp_path, [0, 1, 2] * 100, others, epochs=1, pretraining_epochs=2)
    status, printed = train(base)
    assert status == 0, printed
    assert "pretraining: epoch=2/2" in printed
    metrics = json.loads((base / "model" / "metrics.json").read_text())
    assert metrics["pretraining"]["images"] == 300
    assert (metrics["pretraining"]["classes"], metrics["pretraining"]["epochs"]) == (3, 2)
    assert metrics["classes"] == CLASSES
    pretrained = torch.load(
        base / "checkpoints" / "pretraining" / "epoch-00002.pt", weights_only=True
    )["network"]
    final = torch.load(base / "model" / "model.pt", weights_only=True)["state_dict"]
    assert pretrained["head.weight"].shape[0] == 3
    assert final["head.weight"].shape[0] == 2
    name = "groups.0.0.weight"
    moved = (final[name] - pretrained[name]).norm() / pretrained[name].norm()
    assert 0 < moved < 0.5, "its own epoch goes on from what the other classes taught"

    status, printed = train(base)
    assert status == 0, printed
    assert "pretraining: epoch=" not in printed, "a job that is resumed does not learn them again"


def test_no_epochs_of_pretraining_are_none(tmp_path: Path) -> None:
    base = job(tmp_path, [0, 1] * 20, ["bus", "tank"], epochs=1, pretraining_epochs=0)
    status, printed = train(base)
    assert status == 0, printed
    assert json.loads((base / "model" / "metrics.json").read_text())["pretraining"] is None


def faulty(folder: Path, **arrays: Any) -> dict[str, Any]:
    np.savez(folder / "images.npz", **arrays)
    content = (folder / "images.npz").read_bytes()
    return {
        "key": "pretraining/images.npz",
        "sha256": hashlib.sha256(content).hexdigest(),
        "classes": ["bus", "tank"],
    }


IMAGES, LABELS, TWO = (
    np.zeros((4, 3, 16, 16), np.uint8),
    np.array([0, 1, 0, 1]),
    np.array(["bus", "tank"]),
)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        (
            {
                "images": IMAGES,
                "labels": np.array([0, 1, 0, 2]),
                "classes": np.array(["bus", "tank"]),
            },
            "its manifest says",
        ),
        (
            {"images": IMAGES[:3], "labels": LABELS, "classes": np.array(["bus", "tank"])},
            "manifest says",
        ),
        ({"images": IMAGES * 1.0, "labels": LABELS, "classes": TWO}, "manifest"),
        (
            {"images": IMAGES, "labels": LABELS, "classes": np.array(["bus", "tram"])},
            "its manifest says",
        ),
        ({"images": IMAGES, "labels": LABELS}, "not one that staging writes"),
        (
            {"images": np.array([{}]), "labels": np.array([0]), "classes": np.array(["bus"])},
            "not one that staging writes",
        ),
    ],
)
def test_a_file_that_is_not_sound_is_one_sentence(
    tmp_path: Path, arrays: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(TrainingError, match=sentence):
        container_pretraining.read(tmp_path, faulty(tmp_path, **arrays), {"disc"})


def test_a_file_with_our_own_classes_is_refused(tmp_path: Path) -> None:
    staged = faulty(
        tmp_path, images=IMAGES, labels=np.array([0, 1, 0, 1]), classes=np.array(["bus", "tank"])
    )
    with pytest.raises(TrainingError, match="holds images of tank, which the model is trained for"):
        container_pretraining.read(tmp_path, staged, {"tank"})


def test_a_file_that_is_missing_or_another_is_named(tmp_path: Path) -> None:
    staged = faulty(
        tmp_path, images=IMAGES, labels=np.array([0, 1, 0, 1]), classes=np.array(["bus", "tank"])
    )
    (tmp_path / "images.npz").write_bytes(b"another")
    with pytest.raises(TrainingError, match="not the file that was staged"):
        container_pretraining.read(tmp_path, staged, set())
    (tmp_path / "images.npz").unlink()
    with pytest.raises(
        TrainingError, match=r"images\.npz is in the manifest, but not in its channel"
    ):
        container_pretraining.read(tmp_path, staged, set())
