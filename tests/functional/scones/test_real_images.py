"""Tests with the real archive, if it is present: it is not a part of the project."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from paths import SHARED

from scones.images import cifar100
from scones.images.split import hold_out

BESIDE = SHARED / "data" / "cifar-100-python.tar.gz"


@pytest.fixture(scope="module")
def archive() -> Path:
    path = Path(os.environ.get("SCONES_CIFAR_ARCHIVE") or BESIDE)
    if not path.is_file():
        pytest.skip(
            f"No real images: {path} does not exist. "
            "Name an archive in SCONES_CIFAR_ARCHIVE to test with it."
        )
    return path


def test_real_images_are_read_and_split(archive: Path) -> None:
    dataset = hold_out(cifar100.read(archive).only(["bicycle", "motorcycle"]), share=0.1, seed=0)
    assert dataset.counts()["train"] == {"bicycle": 450, "motorcycle": 450}
    assert dataset.counts()["validation"] == {"bicycle": 50, "motorcycle": 50}
    assert min(dataset.counts()["test"].values()) >= 50


def test_real_images_go_by_their_labels_where_file_names_say_otherwise(archive: Path) -> None:
    dataset = cifar100.read(archive).only(["bicycle", "motorcycle"])
    called_bike = Counter(
        i.label for i in dataset.splits["train"] if i.name.startswith(("bike_s", "minibike_s"))
    )
    assert set(called_bike) == {0, 1}


def test_real_images_are_photographs_the_right_way_up(archive: Path) -> None:
    pixels = [image.pixels for image in cifar100.read(archive).only(["bicycle"]).splits["train"]]
    neighbours = [abs(p[:, 1:].astype(int) - p[:, :-1]).mean() for p in pixels]
    assert sum(neighbours) / len(neighbours) < 40
    assert sum(p[:4].mean() for p in pixels) > sum(p[-4:].mean() for p in pixels)


def test_any_of_the_classes_can_be_asked_for(archive: Path) -> None:
    read = cifar100.read(archive)
    dataset = hold_out(read.only(read.classes), share=0.1, seed=0)
    assert len(dataset.classes) == 100
    assert min(min(counts.values()) for counts in dataset.counts().values()) >= 1
