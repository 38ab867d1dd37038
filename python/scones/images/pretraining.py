"""Packs the images of all other classes into one file, to pretrain a network on."""

from __future__ import annotations

import hashlib
import io

import numpy as np

from scones.errors import UserError
from scones.images.cifar100 import Cifar100
from scones.images.manifest import PretrainingFile

KEY = "pretraining/images.npz"
REAL = "cifar100"  # the source whose other classes are known to be photographs
GPUS = ("ml.g", "ml.p")


def is_enabled(setting: bool | None, source: str, instance_type: str) -> bool:
    """Whether to pretrain. Without a setting: where it pays, on real images with a GPU."""
    if setting is None:
        return source == REAL and instance_type.startswith(GPUS)
    return setting


def pack(archive: Cifar100, classes: tuple[str, ...]) -> tuple[PretrainingFile, bytes]:
    """The training images of all classes but `classes`, as manifest entry and file content.

    The file is an .npz with `images` uint8 [N, 3, 32, 32], `labels` int64 [N] and `classes`,
    without any pickle. It is not compressed, so that its bytes depend on the images alone.

    Raises:
        UserError: the archive holds no images of other classes.
    """
    others = archive.classes_with_images() - set(classes)
    if len(others) < 2:
        raise UserError(
            f"{archive.archive.name} holds no other classes to pretrain on. Stage another source, "
            "or set training.pretraining to false in the target's settings."
        )
    dataset = archive.only(others)
    images = dataset.splits["train"]
    pixels = np.stack([image.pixels for image in images])
    file = io.BytesIO()
    np.savez(
        file,
        images=pixels.transpose(0, 3, 1, 2),
        labels=np.array([image.label for image in images], dtype=np.int64),
        classes=np.array(dataset.classes),
    )
    content = file.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    return PretrainingFile(KEY, digest, len(images), dataset.classes), content
