"""Sample images to classify."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from PIL import Image

from scones.images import staging
from scones.images.dataset import Dataset
from scones.images.dataset import Image as Labelled
from scones.images.manifest import Origin
from scones.workflow import samples

BUCKET = "scones-test-data-123456789012"
CLASSES = ("bicycle", "motorcycle")


@pytest.fixture
def s3(aws: boto3.session.Session) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


def stage(s3: Any, count: int) -> Dataset:
    """Stage `count` test images of each class, every one of another shade."""
    images = tuple(
        Labelled(f"{name}_{number}.png", label, np.full((32, 32, 3), 9 * number + label, np.uint8))
        for number in range(count)
        for label, name in enumerate(CLASSES)
    )
    dataset = Dataset(CLASSES, {"train": images[:2], "validation": images[:2], "test": images})
    staging.stage(dataset, Origin("sample", "0" * 64, drawn=True), "code", 0, s3, BUCKET)
    return dataset


def test_some_test_images_of_each_class_are_written_as_they_are_staged(
    s3: Any, tmp_path: Path
) -> None:
    dataset = stage(s3, 5)
    files = samples.write(s3, BUCKET, tmp_path)
    assert [file.relative_to(tmp_path).as_posix() for file in files] == [
        f"samples/{name}-{number}.png" for number in (1, 2, 3) for name in CLASSES
    ]
    staged = {image.png() for image in dataset.splits["test"]}
    assert {file.read_bytes() for file in files} <= staged
    for file in files:
        shade = np.asarray(Image.open(io.BytesIO(file.read_bytes())))[0, 0, 0]
        assert CLASSES[shade % 9] in file.name


def test_samples_of_other_data_are_removed(s3: Any, tmp_path: Path) -> None:
    stage(s3, 5)
    samples.write(s3, BUCKET, tmp_path)
    stage(s3, 1)
    assert len(samples.write(s3, BUCKET, tmp_path)) == 2
    assert len(list((tmp_path / "samples").iterdir())) == 2


def test_where_nothing_is_staged_there_are_none(s3: Any, tmp_path: Path) -> None:
    assert samples.write(s3, BUCKET, tmp_path) == []
