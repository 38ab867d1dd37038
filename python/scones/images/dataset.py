"""Labelled images in splits: what is staged."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import PIL.Image

SIDE = 32
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Image:
    """One image: its file name, the index of its class, and its pixels, 32x32x3 uint8 RGB."""

    name: str
    label: int
    pixels: Pixels

    def png(self) -> bytes:
        """The image as PNG, uncompressed: the bytes then depend on no zlib build or processor."""
        file = io.BytesIO()
        PIL.Image.fromarray(self.pixels).save(file, "PNG", compress_level=0)
        return file.getvalue()


@dataclass(frozen=True)
class Dataset:
    """Images by split; a label is an index into `classes`.

    The splits are "train", "test" and, once held out, "validation".
    """

    classes: tuple[str, ...]
    splits: Mapping[str, tuple[Image, ...]]

    def counts(self) -> dict[str, dict[str, int]]:
        """The number of images of each class, by split."""
        counts = {}
        for split, images in self.splits.items():
            labels = Counter(image.label for image in images)
            counts[split] = {name: labels[label] for label, name in enumerate(self.classes)}
        return counts
