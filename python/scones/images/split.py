"""Holds a validation split out of the training images."""

from __future__ import annotations

import hashlib

from scones.errors import UserError
from scones.images.dataset import Dataset, Image


def hold_out(dataset: Dataset, share: float, seed: int) -> Dataset:
    """The dataset with `share` of each class's training images moved to "validation".

    The seed and the file names alone decide which images are moved: no library's random numbers,
    and no other class. Both splits get at least one image of each class.

    Raises:
        UserError: a class has a single training image.
    """

    def rank(image: Image) -> bytes:
        return hashlib.sha256(f"{seed}/{image.name}".encode()).digest()

    train: list[Image] = []
    validation: list[Image] = []
    for label, name in enumerate(dataset.classes):
        images = [image for image in dataset.splits["train"] if image.label == label]
        if len(images) < 2:
            raise UserError(
                f'Class "{name}" has {len(images)} training image; validation needs one more. '
                "Use more data."
            )
        images.sort(key=rank)
        held_out = max(1, round(share * len(images)))
        held_out = min(held_out, len(images) - 1)
        validation += images[:held_out]
        train += images[held_out:]
    splits = {
        "train": _sort_by_name(train),
        "validation": _sort_by_name(validation),
        "test": dataset.splits["test"],
    }
    return Dataset(dataset.classes, splits)


def _sort_by_name(images: list[Image]) -> tuple[Image, ...]:
    return tuple(sorted(images, key=lambda image: image.name))
