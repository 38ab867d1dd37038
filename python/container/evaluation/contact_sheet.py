"""One picture of the images that a person should look at: the most wrong answers above, the most unsure below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

COLUMNS = 6
TILE = 210  # pixels
LINE = 18
MARGIN = 12
PAPER, INK, WRONG = "white", "#1f2328", "#b42318"


@dataclass(frozen=True)
class Tile:
    """`image` is uint8 [3, S, S]."""

    image: Tensor
    label: str
    answer: str
    confidence: float


def draw(path: Path, rows: Sequence[tuple[str, Sequence[Tile]]]) -> None:
    """Write the sheet as PNG: parts with titles, every image enlarged, with its label, answer and confidence."""
    heights = [
        2 * LINE + max(1, -(-len(tiles) // COLUMNS)) * (TILE + 2 * LINE + MARGIN)
        for _, tiles in rows
    ]
    sheet = Image.new("RGB", (MARGIN + COLUMNS * (TILE + MARGIN), MARGIN + sum(heights)), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    top = MARGIN
    for (title, tiles), height in zip(rows, heights, strict=True):
        pen.text((MARGIN, top), title if tiles else f"{title}: none", INK, font)
        for index, tile in enumerate(tiles):
            row, column = divmod(index, COLUMNS)
            place = (
                MARGIN + column * (TILE + MARGIN),
                top + 2 * LINE + row * (TILE + 2 * LINE + MARGIN),
            )
            paste(sheet, pen, font, tile, place)
        top += height
    sheet.save(path, optimize=True)


def paste(
    sheet: Image.Image,
    pen: ImageDraw.ImageDraw,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    tile: Tile,
    place: tuple[int, int],
) -> None:
    left, top = place
    picture = Image.fromarray(np.ascontiguousarray(tile.image.permute(1, 2, 0).numpy()))
    sheet.paste(picture.resize((TILE, TILE), Image.Resampling.NEAREST), place)
    pen.text((left, top + TILE + 2), f"is {tile.label}", INK, font)
    answer = f"{tile.answer} {tile.confidence:.2f}"
    pen.text((left, top + TILE + LINE), answer, INK if tile.answer == tile.label else WRONG, font)
