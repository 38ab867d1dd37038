"""The features of images at training time, in baseline.npz: later images are compared with them.

The images are the held-out ones: the network never learned from them, so that it sees them as it
will see new ones. Needs numpy alone.
"""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

FILE = "baseline.npz"
VERSION = 2  # of the features: only features of the same version can be compared
MAX_IMAGES = 500  # more make a comparison slower, but hardly more precise
REMEDY = 'Train again: "make train RETRAIN=1".'

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


class BaselineError(Exception):
    """A sentence about what is wrong with a model's baseline, and one with the remedy."""


@dataclass(frozen=True)
class Features:
    """The features of N images. Every array has a row or a number for each image.

    Attributes:
        embedding: the input of the network's head, [N, width]: the mean of the views.
        outlines: where edges are and in which direction, [N, 81]: they also show objects that
            the network does not notice.
        brightness: mean luma, 0 to 1.
        contrast: standard deviation of the luma.
        sharpness: standard deviation of the luma's Laplacian, as a multiple of the contrast.
        saturation: mean of (max - min) / max of the three colours.
        warmth: mean red less mean blue, -1 to 1.
        confidence: the calibrated probability of the predicted class.
        predicted: index of that class.
    """

    embedding: Floats
    outlines: Floats
    brightness: Floats
    contrast: Floats
    sharpness: Floats
    saturation: Floats
    warmth: Floats
    confidence: Floats
    predicted: Integers

    def __len__(self) -> int:
        return len(self.predicted)

    def __getitem__(self, rows: slice | Integers) -> Features:
        """The features of some of the images."""
        return Features(**{name: array[rows] for name, array in vars(self).items()})

    def __add__(self, other: Features) -> Features:
        """The features of these images, then of the other ones."""
        pairs = zip(FIELDS, vars(self).values(), vars(other).values(), strict=True)
        return Features(**{name: np.concatenate((first, second)) for name, first, second in pairs})


FIELDS = [field.name for field in fields(Features)]


@dataclass(frozen=True)
class Baseline:
    """The features of the held-out images, and the classes that `predicted` is an index into."""

    classes: tuple[str, ...]
    features: Features


def stride(images: int) -> int:
    """The step at which a baseline of at most MAX_IMAGES is sampled from so many images."""
    return max(1, math.ceil(images / MAX_IMAGES))


def write(folder: Path, baseline: Baseline) -> None:
    """Write baseline.npz into the model's folder."""
    np.savez_compressed(
        folder / FILE,
        version=VERSION,
        classes=np.array(baseline.classes),
        **vars(baseline.features),
    )


def read(file: Path | IO[bytes]) -> Baseline:
    """Read a baseline without running code.

    Raises:
        BaselineError: the file is not a baseline, or has features of another version.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            version = int(arrays["version"])
            if version != VERSION:
                raise BaselineError(
                    f"The model's {FILE} has features of version {version}; "
                    f"version {VERSION} is needed. {REMEDY}"
                )
            features = Features(**{name: arrays[name] for name in FIELDS})
            baseline = Baseline(tuple(arrays["classes"].tolist()), features)
    except (
        OSError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        zipfile.BadZipFile,
    ) as error:
        raise BaselineError(
            f"The model's {FILE} is not a baseline that training writes: {error}. {REMEDY}"
        ) from error
    lengths = {len(array) for array in vars(features).values()}
    if lengths != {len(features)}:
        raise BaselineError(
            f"The model's {FILE} has features of different numbers of images. {REMEDY}"
        )
    return baseline
