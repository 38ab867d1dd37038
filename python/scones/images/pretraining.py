"""The images of all other classes, for a network to learn from before its own: one file in the data bucket."""

from __future__ import annotations

import hashlib
import io

import numpy as np

from scones.errors import UserError
from scones.images.cifar100 import Cifar100
from scones.images.dataset import Dataset
from scones.images.manifest import Others

KEY = "pretraining/images.npz"
REAL = "cifar100"  # the source whose other classes are known to be photographs
GPUS = ("ml.g", "ml.p")


def wanted(setting: bool | None, source: str, instance_type: str) -> bool:
    """Whether to pretrain: as the settings say, or else where it pays: with real images, on a GPU."""
    return source == REAL and instance_type.startswith(GPUS) if setting is None else setting


def pack(archive: Cifar100, classes: tuple[str, ...]) -> tuple[Others, bytes]:
    """The training images of all classes but `classes`, and what the manifest says of them.

    The file is an .npz with `images` uint8 [N, 3, 32, 32], `labels` int64 [N] and `classes`, without any pickle. It is
    stored rather than deflated, so that its bytes depend on the images alone.

    Raises:
        UserError: the archive holds no images of other classes.
    """
    others = sorted(set(archive.with_images()) - set(classes))
    if len(others) < 2:
        raise UserError(
            f"{archive.archive.name} holds no other classes to pretrain on. Stage another source, or set "
            "training.pretraining to false in the target's settings."
        )
    dataset = archive.only(others)
    content = _npz(dataset)
    return Others(
        KEY, hashlib.sha256(content).hexdigest(), len(dataset.splits["train"]), dataset.classes
    ), content


def _npz(dataset: Dataset) -> bytes:
    images = dataset.splits["train"]
    file = io.BytesIO()
    np.savez(
        file,
        images=np.stack([image.pixels for image in images]).transpose(0, 3, 1, 2),
        labels=np.array([image.label for image in images], dtype=np.int64),
        classes=np.array(dataset.classes),
    )
    return file.getvalue()
