"""Where the images are on a contact sheet: for training, which draws it, and for the report.

Needs nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

COLUMNS = 6
TILE = 210  # pixels
LINE = 18
MARGIN = 12
TITLE = 2 * LINE  # above the images of a part
ROW = TILE + 2 * LINE + MARGIN
WIDTH = MARGIN + COLUMNS * (TILE + MARGIN)


@dataclass(frozen=True)
class Part:
    """A part of the sheet: where its title is, and the upper left corner of each of its images."""

    top: int
    corners: tuple[tuple[int, int], ...]


def parts(images: Sequence[int]) -> Iterator[Part]:
    """The parts of a sheet from top to bottom, which have so many images each."""
    top = MARGIN
    for count in images:
        first_row = top + TITLE
        corners = [
            (
                MARGIN + index % COLUMNS * (TILE + MARGIN),
                first_row + index // COLUMNS * ROW,
            )
            for index in range(count)
        ]
        yield Part(top, tuple(corners))
        top += _height(count)


def size(images: Sequence[int]) -> tuple[int, int]:
    """Width and height of a sheet whose parts have so many images each."""
    return WIDTH, MARGIN + sum(map(_height, images))


def _height(images: int) -> int:
    """Of a part; one without images has the height of a row."""
    return TITLE + max(1, ceil(images / COLUMNS)) * ROW
