"""Reviewed images become training images: by staging, and by training alone."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from paths import EXAMPLE_OUTPUTS
from PIL import Image as Pillow
from review_desk import BUCKET, CLASSES, image_bytes, sha256

from container.serving.images import pixels
from scones.images import reviewed, staging
from scones.images.dataset import Dataset, Image
from scones.images.manifest import Manifest, Origin
from scones.images.reviewed import ReviewedImages
from scones.outputs import Outputs
from scones.settings import Target
from scones.training.inputs import update_reviewed
from scones.workflow.preconditions import require_staged_images

TARGET = Target("local", "us-east-1")
ORIGIN = Origin("cifar100", "ab" * 32, drawn=False)


def image(name: str, label: int, level: int) -> Image:
    return Image(f"{name}.png", label, np.full((32, 32, 3), level, np.uint8))


DATA = Dataset(
    CLASSES,
    {
        "train": (image("b1", 0, 1), image("s1", 1, 2)),
        "validation": (image("b2", 0, 3), image("m2", 1, 4)),
        "test": (image("b3", 0, 5), image("m3", 1, 6)),
    },
)


@pytest.fixture
def s3(aws: boto3.session.Session) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
def outputs() -> Outputs:
    outputs = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
    assert outputs.training.use_reviewed
    return outputs


def label(
    s3: Any,
    body: bytes,
    name: str,
    key: str = "uploads/x.png",
    at: str = "2026-11-20T08:00:00+00:00",
) -> str:
    """What `make review` leaves behind; returns the name of the image that follows from it."""
    digest = sha256(body)
    record = {"label": name, "sha256": digest, "s3_key": key, "reviewed_at": at, "also": []}
    s3.put_object(Bucket=BUCKET, Key=f"reviewed/{digest}.png", Body=body)
    s3.put_object(Bucket=BUCKET, Key=f"reviewed/{digest}.json", Body=json.dumps(record).encode())
    return f"reviewed-{digest[:16]}.png"


def stage(s3: Any) -> Manifest:
    taken = reviewed.read(s3, BUCKET, CLASSES, staging.digests(DATA))
    return staging.stage(taken.added_to(DATA), ORIGIN, "c0ffee", 0, s3, BUCKET).manifest


def read(s3: Any) -> ReviewedImages:
    return reviewed.read(s3, BUCKET, CLASSES, staging.digests(DATA))


def keys(s3: Any, prefix: str = "") -> set[str]:
    return {
        entry["Key"]
        for entry in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    }


def content(s3: Any, key: str) -> bytes:
    return bytes(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())


def writes(s3: Any) -> list[str]:
    made: list[str] = []
    s3.meta.events.register("before-call.s3", lambda model, **_: made.append(model.name))
    return made


def expect_valid(s3: Any, manifest: Manifest) -> None:
    """The bucket holds what the manifest lists, and no other image."""
    assert Manifest.parse(content(s3, "manifest.json")) == manifest
    assert {key for split in staging.SPLITS for key in keys(s3, f"{split}/")} == {
        one.key for one in manifest.images
    }
    assert all(sha256(content(s3, one.key)) == one.sha256 for one in manifest.images)
    assert all(content(s3, f"{split}.lst") == manifest.lst(split) for split in staging.SPLITS)


def test_staging_adds_them_to_the_training_images(s3: Any) -> None:
    before = stage(s3)
    name = label(s3, image_bytes(1), "motorcycle")
    after = stage(s3)
    expect_valid(s3, after)
    assert (before.reviewed, after.reviewed) == (0, 1)
    assert json.loads(content(s3, "manifest.json"))["reviewed"] == 1
    assert after.counts["train"] == {"bicycle": 1, "motorcycle": 2}
    assert after.counts["test"] == before.counts["test"]
    assert after.fingerprint != before.fingerprint
    assert f"\t1\t{name}\n".encode() in content(s3, "train.lst")
    assert stage(s3) == after


def test_training_alone_adds_them_too(s3: Any, outputs: Outputs) -> None:
    stage(s3)
    names = {label(s3, image_bytes(1), "motorcycle"), label(s3, image_bytes(2), "bicycle")}
    staged = require_staged_images(s3, outputs, TARGET)
    manifest, sentence = update_reviewed(s3, outputs, staged)
    expect_valid(s3, manifest)
    assert sentence == "Reviewed images to train on: 2."
    assert {Path(key).name for key in keys(s3, "train/reviewed-")} == names
    made = writes(s3)
    assert stage(s3) == manifest, "staging and training agree"
    assert update_reviewed(s3, outputs, manifest)[0] == manifest
    assert set(made) == {"ListObjectsV2", "GetObject"}


def test_without_labels_training_writes_nothing_and_reports_nothing(
    s3: Any, outputs: Outputs
) -> None:
    staged = stage(s3)
    made = writes(s3)
    assert update_reviewed(s3, outputs, staged) == (staged, "")
    assert made == ["ListObjectsV2"]


def test_a_setting_takes_them_out_again(s3: Any, outputs: Outputs) -> None:
    before = stage(s3)
    label(s3, image_bytes(1), "motorcycle")
    staged = stage(s3)
    without = replace(outputs, training=replace(outputs.training, use_reviewed=False))
    manifest, sentence = update_reviewed(s3, without, staged)
    assert sentence == "Reviewed images removed, as training.use_reviewed is false: 1."
    assert manifest == before
    expect_valid(s3, before)
    assert update_reviewed(s3, without, manifest) == (before, "")


def test_another_label_replaces_the_first(s3: Any, outputs: Outputs) -> None:
    label(s3, image_bytes(1), "motorcycle")
    first = stage(s3)
    label(s3, image_bytes(1), "bicycle", at="2026-11-21T08:00:00+00:00")
    manifest, _ = update_reviewed(s3, outputs, first)
    expect_valid(s3, manifest)
    assert manifest.counts["train"] == {"bicycle": 2, "motorcycle": 1}
    assert manifest.fingerprint != first.fingerprint
    label(s3, image_bytes(1), "none", at="2026-11-22T08:00:00+00:00")
    manifest, sentence = update_reviewed(s3, outputs, manifest)
    assert manifest.reviewed == 0
    assert sentence == "Reviewed images to train on: 0; left out: 1 without one of the classes."


def test_images_that_would_falsify_the_metrics_or_are_duplicates_are_left_out(s3: Any) -> None:
    label(s3, image_bytes(1), "bicycle", key="test/b3.png")
    label(s3, image_bytes(2), "bicycle", key="validation/b2.png")
    label(s3, image_bytes(3), "bicycle", key="simulated/20261120/0001.png")
    label(s3, DATA.splits["test"][0].png(), "bicycle", key="uploads/b3.png")
    label(s3, DATA.splits["train"][0].png(), "motorcycle", key="uploads/b1.png")
    label(s3, image_bytes(4), "none")
    label(s3, image_bytes(5), "bus")
    label(s3, b"no image_bytes", "bicycle")
    kept = label(s3, image_bytes(6), "bicycle")
    s3.put_object(Bucket=BUCKET, Key="reviewed/half.json", Body=b'{"label": ')
    s3.put_object(Bucket=BUCKET, Key="reviewed/notes.txt", Body=b"a note")
    s3.delete_object(Bucket=BUCKET, Key=f"reviewed/{sha256(image_bytes(7))}.png")
    label(s3, image_bytes(7), "bicycle")
    s3.delete_object(Bucket=BUCKET, Key=f"reviewed/{sha256(image_bytes(7))}.png")
    taken = read(s3)
    assert [image.name for image in taken.images] == [kept]
    assert taken.summary == (
        "Reviewed images to train on: 1; left out: 3 made from test or validation images, "
        "2 staged already, 3 unreadable, 2 without one of the classes."
    )


def test_an_image_that_was_also_made_from_a_test_image_is_left_out(s3: Any) -> None:
    label(s3, image_bytes(1), "bicycle")
    key = f"reviewed/{sha256(image_bytes(1))}.json"
    record = json.loads(content(s3, key))
    record["also"] = [{"s3_key": "simulated/1/0001.png"}]
    s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(record).encode())
    assert read(s3).left_out == {reviewed.MEASURING: 1}


def test_of_equal_pixels_the_one_labelled_last_counts(s3: Any) -> None:
    def saved(level: int) -> bytes:
        file = io.BytesIO()
        Pillow.fromarray(image("x", 0, 77).pixels).save(file, "PNG", compress_level=level)
        return file.getvalue()

    label(s3, saved(9), "motorcycle", at="2026-11-20T09:00:00+00:00")
    last = label(s3, saved(1), "bicycle", at="2026-11-20T10:00:00+00:00")
    taken = read(s3)
    assert [(one.name, one.label) for one in taken.images] == [(last, 0)]
    assert taken.left_out == {reviewed.DUPLICATE: 1}


def test_they_are_resized_as_on_the_endpoint(s3: Any) -> None:
    """A photograph on its side, in grey, large: training gets the pixels that serving gets."""
    file, exif = io.BytesIO(), Pillow.Exif()
    exif[0x0112] = 6
    Pillow.open(io.BytesIO(image_bytes(1, size=(640, 200)))).convert("L").save(
        file, "JPEG", exif=exif
    )
    label(s3, file.getvalue(), "bicycle")
    (taken,) = read(s3).images
    served = pixels(file.getvalue(), 32)
    assert np.array_equal(taken.pixels, served.permute(1, 2, 0).numpy())
    assert taken.pixels.shape == (32, 32, 3)
    assert taken.pixels.dtype == np.uint8


@pytest.mark.parametrize("allowed", range(6))
def test_interrupted_anywhere_the_manifest_stays_valid_and_training_again_completes_it(
    s3: Any, outputs: Outputs, allowed: int
) -> None:
    """Two go up and one goes away: 5 writes."""
    label(s3, image_bytes(1), "bicycle")
    staged = stage(s3)
    label(s3, image_bytes(1), "none")
    label(s3, image_bytes(2), "bicycle")
    label(s3, image_bytes(3), "bicycle")
    left = [allowed]

    def interrupt(model: Any, **_: Any) -> None:
        if model.name in ("PutObject", "DeleteObject", "DeleteObjects"):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt

    s3.meta.events.register("before-call.s3", interrupt)
    if allowed < 5:
        with pytest.raises(KeyboardInterrupt):
            update_reviewed(s3, outputs, staged)
    s3.meta.events.unregister("before-call.s3", interrupt)
    there = require_staged_images(s3, outputs, TARGET)
    assert {one.key for one in there.images} <= keys(s3)
    manifest, _ = update_reviewed(s3, outputs, there)
    assert manifest.counts["train"] == {"bicycle": 3, "motorcycle": 1}
    expect_valid(s3, stage(s3))
    assert stage(s3) == manifest


def test_many_are_read_at_once(s3: Any) -> None:
    for number in range(60):
        label(s3, image_bytes(number), CLASSES[number % 2])
    taken = read(s3)
    assert len(taken.images) == 60
    assert [one.name for one in taken.images] == sorted(one.name for one in taken.images)
