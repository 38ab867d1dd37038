"""Reads an archive in the layout of cifar-100-python.tar.gz.

The layout is the one at https://www.cs.toronto.edu/~kriz/cifar.html: a folder with the pickles `meta` (names of the
classes), `train` and `test` (a row of 3,072 bytes for each image: its red, green and blue planes, row by row).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scones.errors import UserError
from scones.images import unpickling
from scones.images.archive import members
from scones.images.dataset import SIDE, Dataset, Image

FOLDER = "cifar-100-python"
META, TRAIN, TEST = f"{FOLDER}/meta", f"{FOLDER}/train", f"{FOLDER}/test"
ROW = 3 * SIDE * SIDE
SETTINGS = "Mend `classes` in the target's settings (terraform/targets)"
OTHER = "Use another archive."
FEW = 10


@dataclass(frozen=True)
class Split:
    """One split as archived: file names, labels (indices into the archive's classes) and rows, N x 3,072 uint8."""

    title: str
    names: Sequence[str]
    labels: npt.NDArray[np.int64]
    rows: npt.NDArray[np.uint8]

    def images(self, label: int, new_label: int) -> list[Image]:
        """The images of one class, under a new label."""
        chosen = np.flatnonzero(self.labels == label)
        planes = self.rows[chosen].reshape(-1, 3, SIDE, SIDE)
        pixels = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
        return [
            Image(self.names[row], new_label, pixels[i]) for i, row in enumerate(chosen.tolist())
        ]


@dataclass(frozen=True)
class Cifar100:
    """A whole archive: the names of its classes and its two splits."""

    archive: Path
    classes: tuple[str, ...]
    train: Split
    test: Split

    def only(self, classes: Iterable[str]) -> Dataset:
        """The images of these classes; the index of a class in alphabetical order is its label.

        Labels are the archive's: some file names tell of another class.

        Raises:
            UserError: a class is unknown or without images, or a file name is odd or there twice.
        """
        wanted = tuple(sorted(set(classes)))
        for name in wanted:
            self._require(name)
        dataset = Dataset(
            wanted,
            {"train": self._images(self.train, wanted), "test": self._images(self.test, wanted)},
        )
        _check_names(dataset)
        return dataset

    def with_images(self) -> tuple[str, ...]:
        """The classes that have images in both splits: the drawn sample knows a hundred and holds few."""
        both = np.intersect1d(self.train.labels, self.test.labels)
        return tuple(self.classes[label] for label in both.tolist())

    def _require(self, name: str) -> None:
        if name in self.classes:
            return
        close = difflib.get_close_matches(name, self.classes, n=3, cutoff=0.5)
        meant = (
            f" Did you mean {' or '.join(close)}?"
            if close
            else f" It knows {', '.join(self.classes)}."
        )
        raise UserError(f'{self.archive.name} knows no class "{name}".{meant} {SETTINGS}.')

    def _images(self, split: Split, wanted: Sequence[str]) -> tuple[Image, ...]:
        images: list[Image] = []
        for new_label, name in enumerate(wanted):
            of_class = split.images(self.classes.index(name), new_label)
            if not of_class:
                held = [self.classes[label] for label in np.unique(split.labels)]
                shown = ", ".join(held) if len(held) <= FEW else f"{len(held)} other classes"
                raise UserError(
                    f'The {split.title} split has no image of class "{name}". It has {shown}. {SETTINGS}.'
                )
            images += of_class
        return tuple(images)


def read(archive: Path) -> Cifar100:
    """Read and check an archive; nothing in it is run, nothing is written to disk.

    Raises:
        UserError: the archive is not sound, or its content contradicts itself.
    """
    content = members(archive, (META, TRAIN, TEST))
    meta, train, test = (
        unpickling.loads(content.pop(name), f"{name} in {archive}") for name in (META, TRAIN, TEST)
    )
    classes = tuple(_texts(_list(meta, "fine_label_names", META)))
    return Cifar100(
        archive, classes, _split("train", train, len(classes)), _split("test", test, len(classes))
    )


def _split(title: str, fields: Mapping[str, Any], classes: int) -> Split:
    names, labels = (
        _list(fields, key, f"The {title} split") for key in ("filenames", "fine_labels")
    )
    rows = fields.get("data")
    if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.shape[1] != ROW:
        shape = (
            "x".join(map(str, rows.shape)) if isinstance(rows, np.ndarray) else type(rows).__name__
        )
        raise UserError(
            f"The {title} split's data are {shape}; images are rows of {ROW} bytes. {OTHER}"
        )
    if not len(names) == len(labels) == len(rows):
        raise UserError(
            f"The {title} split has {len(names)} file names, {len(labels)} labels and {len(rows)} images, "
            f"which should be as many. {OTHER}"
        )
    wrong = next(
        (label for label in labels if type(label) is not int or not 0 <= label < classes), None
    )
    if wrong is not None:
        raise UserError(
            f"The {title} split has the label {wrong!r}, but there are {classes} names of classes. {OTHER}"
        )
    return Split(title, _texts(names), np.asarray(labels, np.int64), rows)


def _list(fields: Mapping[str, Any], key: str, owner: str) -> list[Any]:
    if isinstance(found := fields.get(key), list):
        return found
    raise UserError(f'{owner} has no list "{key}". {OTHER}')


def _texts(values: Iterable[str | bytes]) -> list[str]:
    return [value.decode("latin1") if isinstance(value, bytes) else str(value) for value in values]


def _check_names(dataset: Dataset) -> None:
    """File names become S3 keys and lines of a list, so they must be plain and, within a split, unlike each other.

    Both splits may use a name for different pictures; the same picture must not be trained and tested on.
    """
    train: dict[str, Image] = {}
    for split, images in dataset.splits.items():
        seen: dict[str, Image] = {}
        for image in images:
            name = image.name
            if (
                name.startswith(".")
                or not name.endswith(".png")
                or not name.isprintable()
                or {"/", "\\"} & set(name)
            ):
                raise UserError(f'The {split} split has an odd file name, "{name}". {OTHER}')
            if name in seen:
                raise UserError(f'The file name "{name}" is twice in the {split} split. {OTHER}')
            if name in train and np.array_equal(train[name].pixels, image.pixels):
                raise UserError(f'The image "{name}" is in both train and {split}. {OTHER}')
            seen[name] = image
        train = train or seen
