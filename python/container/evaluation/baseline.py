"""What pictures looked like to the model when it was trained, in baseline.npz: later ones are compared with them.

The pictures are the held-out ones: the network never learned from them, so that it sees them as it will see new ones.
This module needs numpy alone, as what compares does.
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
VERSION = 1  # of the features: what each number means. Others cannot be compared with these
MOST = 500  # pictures; more make a comparison slower, but hardly sharper
REMEDY = 'Train again: "make train RETRAIN=1".'

Floats = npt.NDArray[np.float32]


class BaselineError(Exception):
    """One sentence about what is wrong with a model's baseline, and one that says what to do about it."""


@dataclass(frozen=True)
class Features:
    """What is known of each of N pictures. Every array has a row or a number a picture.

    Attributes:
        embedding: what the network's head decides by, [N, width]: the mean of the views.
        outlines: which edges lie where, [N, 81]: what is in a picture, also where the network has no eye for it.
        brightness: mean luma, 0 to 1.
        contrast: standard deviation of the luma.
        sharpness: standard deviation of the luma's Laplacian.
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
    predicted: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.predicted)

    def __getitem__(self, rows: slice | npt.NDArray[np.int64]) -> Features:
        """Some of the pictures."""
        return Features(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def __add__(self, others: Features) -> Features:
        """These pictures, then the others."""
        both = {
            field.name: (getattr(self, field.name), getattr(others, field.name))
            for field in fields(self)
        }
        return Features(**{name: np.concatenate(arrays) for name, arrays in both.items()})


@dataclass(frozen=True)
class Baseline:
    """The features of the held-out pictures, and the classes that `predicted` is an index into."""

    classes: tuple[str, ...]
    features: Features


def stride(images: int) -> int:
    """Every how manieth of so many pictures belongs to the baseline."""
    return max(1, math.ceil(images / MOST))


def write(folder: Path, baseline: Baseline) -> None:
    """Write baseline.npz into the model's folder."""
    arrays = {field.name: getattr(baseline.features, field.name) for field in fields(Features)}
    np.savez_compressed(
        folder / FILE, version=VERSION, classes=np.array(baseline.classes), **arrays
    )


def read(file: Path | IO[bytes]) -> Baseline:
    """The baseline in such a file, which can run no code.

    Raises:
        BaselineError: the file is none, or has other features than these.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            if (version := int(arrays["version"])) != VERSION:
                raise BaselineError(
                    f"The model's {FILE} has features of version {version}; these are version {VERSION}. {REMEDY}"
                )
            features = Features(**{field.name: arrays[field.name] for field in fields(Features)})
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
            f"The model's {FILE} is not what training writes: {error}. {REMEDY}"
        ) from error
    if {len(getattr(features, field.name)) for field in fields(Features)} != {len(features)}:
        raise BaselineError(
            f"The model's {FILE} holds features of different numbers of pictures. {REMEDY}"
        )
    return baseline
