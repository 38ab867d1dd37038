"""Holds a validation split out of the training images."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from scones.errors import UserError
from scones.images.dataset import Dataset, Image


def hold_out(dataset: Dataset, share: float, seed: int) -> Dataset:
    """The dataset with `share` of each class's training images moved to "validation"; "test" stays as it is.

    Which images go follows from the seed and their names alone: from no library's random numbers, and not from the
    other classes. Both splits get at least one image of each class.

    Raises:
        UserError: a class has a single training image.
    """
    train: list[Image] = []
    validation: list[Image] = []
    for label, name in enumerate(dataset.classes):
        images = sorted(
            (i for i in dataset.splits["train"] if i.label == label),
            key=lambda image: _rank(image, seed),
        )
        held = _share_of(images, share, name)
        validation += images[:held]
        train += images[held:]
    return Dataset(
        dataset.classes,
        {"train": _by_name(train), "validation": _by_name(validation), **_rest(dataset)},
    )


def _share_of(images: Sequence[Image], share: float, name: str) -> int:
    if len(images) < 2:
        raise UserError(
            f'Class "{name}" has {len(images)} training image; validation needs one more. Use more data.'
        )
    return min(max(1, round(share * len(images))), len(images) - 1)


def _rank(image: Image, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}/{image.name}".encode()).digest()


def _by_name(images: list[Image]) -> tuple[Image, ...]:
    return tuple(sorted(images, key=lambda image: image.name))


def _rest(dataset: Dataset) -> dict[str, tuple[Image, ...]]:
    return {split: images for split, images in dataset.splits.items() if split != "train"}
