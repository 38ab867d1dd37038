"""Reads an archive in the layout of cifar-100-python.tar.gz.

The layout is the one at https://www.cs.toronto.edu/~kriz/cifar.html: a folder with the pickles
`meta` (class names), `train` and `test` (a row of 3,072 bytes for each image: its red, green and
blue planes, row by row).
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
from scones.images.archive import read_members
from scones.images.dataset import SIDE, Dataset, Image, Pixels
from scones.json_object import JsonObject

FOLDER = "cifar-100-python"
META = f"{FOLDER}/meta"
TRAIN = f"{FOLDER}/train"
TEST = f"{FOLDER}/test"
ROW = 3 * SIDE * SIDE
MAX_LISTED = 10  # class names in an error message


@dataclass(frozen=True)
class Split:
    """One split as archived.

    Attributes:
        title: "train" or "test".
        names: file names.
        labels: indices into the archive's classes.
        rows: pixels, N x 3,072 uint8.
    """

    title: str
    names: Sequence[str]
    labels: npt.NDArray[np.int64]
    rows: Pixels

    def images(self, label: int, new_label: int) -> list[Image]:
        """The images of one class, under a new label."""
        chosen = np.flatnonzero(self.labels == label)
        planes = self.rows[chosen].reshape(
            -1,
            3,
            SIDE,
            SIDE,
        )
        pixels = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
        return [
            Image(self.names[row], new_label, image_pixels)
            for row, image_pixels in zip(chosen.tolist(), pixels, strict=True)
        ]


@dataclass(frozen=True)
class Cifar100:
    """A whole archive: its class names and its two splits."""

    archive: Path
    classes: tuple[str, ...]
    train: Split
    test: Split

    def only(self, classes: Iterable[str]) -> Dataset:
        """The images of these classes, labelled by their index in alphabetical order.

        The archive's labels decide the class: some file names name another one.

        Raises:
            UserError: a class is unknown or without images, or a file name is unsafe or duplicate.
        """
        names = tuple(sorted(set(classes)))
        for name in names:
            self._check_class(name)
        splits = {
            split.title: self._select_images(split, names) for split in (self.train, self.test)
        }
        _check_file_names(splits)
        return Dataset(names, splits)

    def classes_with_images(self) -> set[str]:
        """The classes with images in both splits; the drawn sample names 100 and holds few."""
        labels = np.intersect1d(self.train.labels, self.test.labels)
        return {self.classes[label] for label in labels}

    def _check_class(self, name: str) -> None:
        if name in self.classes:
            return
        similar = difflib.get_close_matches(name, self.classes, n=3, cutoff=0.5)
        if similar:
            hint = f"Did you mean {' or '.join(similar)}?"
        else:
            hint = f"Its classes are {', '.join(self.classes)}."
        raise UserError(
            f'{self.archive.name} has no class "{name}". {hint} '
            "Correct `classes` in the target's settings (terraform/targets)."
        )

    def _select_images(self, split: Split, classes: Sequence[str]) -> tuple[Image, ...]:
        selected: list[Image] = []
        for new_label, name in enumerate(classes):
            images = split.images(self.classes.index(name), new_label)
            if not images:
                raise self._no_images(split, name)
            selected += images
        return tuple(selected)

    def _no_images(self, split: Split, name: str) -> UserError:
        labels = np.unique(split.labels)
        available = ", ".join(self.classes[label] for label in labels)
        if len(labels) > MAX_LISTED:
            available = f"{len(labels)} other classes"
        return UserError(
            f'The {split.title} split has no image of class "{name}". It has {available}. '
            "Correct `classes` in the target's settings (terraform/targets)."
        )


def read(archive: Path) -> Cifar100:
    """Read and check an archive; nothing in it is run, nothing is written to disk.

    Raises:
        UserError: the archive is damaged, or its content contradicts itself.
    """
    content = read_members(archive, (META, TRAIN, TEST))
    meta, train, test = (
        # Drop each pickle as soon as it is read: they are large.
        unpickling.loads(content.pop(name), f"{name} in {archive}")
        for name in (META, TRAIN, TEST)
    )
    names = _list_field(meta, "fine_label_names", META)
    return Cifar100(
        archive,
        tuple(_decode(names)),
        _parse_split("train", train, len(names)),
        _parse_split("test", test, len(names)),
    )


def _parse_split(title: str, fields: JsonObject, class_count: int) -> Split:
    owner = f"The {title} split"
    names = _list_field(fields, "filenames", owner)
    labels = _list_field(fields, "fine_labels", owner)
    rows = _parse_rows(fields.get("data"), owner)
    if not len(names) == len(labels) == len(rows):
        raise UserError(
            f"{owner} has {len(names)} file names, {len(labels)} labels and {len(rows)} images; "
            "the three numbers must be equal. Use another archive."
        )
    for label in labels:
        if type(label) is not int or not 0 <= label < class_count:
            raise UserError(
                f"{owner} has the label {label!r}, but there are {class_count} class names. "
                "Use another archive."
            )
    return Split(
        title,
        _decode(names),
        np.asarray(labels, np.int64),
        rows,
    )


def _parse_rows(rows: object, owner: str) -> Pixels:
    shape = type(rows).__name__
    if isinstance(rows, np.ndarray):
        if rows.shape[1:] == (ROW,):
            return rows
        shape = "x".join(map(str, rows.shape))
    raise UserError(
        f"{owner}'s data are {shape}; images are rows of {ROW} bytes. Use another archive."
    )


def _list_field(fields: JsonObject, key: str, owner: str) -> list[Any]:
    values = fields.get(key)
    if isinstance(values, list):
        return values
    raise UserError(f'{owner} has no list "{key}". Use another archive.')


def _decode(values: Iterable[str | bytes]) -> list[str]:
    return [unpickling.decode(value) for value in values]


def _check_file_names(splits: Mapping[str, Sequence[Image]]) -> None:
    """File names become S3 keys and lines of a list: they must be plain and unique in a split.

    Both splits may use a name for different images; no image may be in both.
    """
    train: dict[str, Image] = {}
    for split, images in splits.items():
        seen: dict[str, Image] = {}
        for image in images:
            name = image.name
            if not _is_plain_file_name(name):
                raise UserError(
                    f'The {split} split has an unsafe file name, "{name}". Use another archive.'
                )
            if name in seen:
                raise UserError(
                    f'The file name "{name}" is twice in the {split} split. Use another archive.'
                )
            if name in train and np.array_equal(train[name].pixels, image.pixels):
                raise UserError(
                    f'The image "{name}" is in both train and {split}. Use another archive.'
                )
            seen[name] = image
        train = train or seen


def _is_plain_file_name(name: str) -> bool:
    return (
        name.endswith(".png")
        and name.isprintable()
        and not name.startswith(".")
        and not {"/", "\\"} & set(name)
    )
