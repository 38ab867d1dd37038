"""One PNG of the images to look at: the most wrong and the least confident answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from container.dataset import Split

COLUMNS = 6
TILE = 210  # pixels
LINE = 18
MARGIN = 12
ROW = TILE + 2 * LINE + MARGIN
PAPER, INK, WRONG = "white", "#1f2328", "#b42318"


def draw(
    path: Path,
    split: Split,
    probabilities: Tensor,
    classes: list[str],
    parts: Mapping[str, Sequence[int]],
) -> None:
    """Write the sheet, with the images at the indices of each part below the part's title.

    Every image is enlarged, above its label and the answer in `probabilities` [N, classes].
    """
    confidence, predicted = probabilities.max(1)
    heights = [2 * LINE + max(1, ceil(len(part) / COLUMNS)) * ROW for part in parts.values()]
    size = (MARGIN + COLUMNS * (TILE + MARGIN), MARGIN + sum(heights))
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(14)
    top = MARGIN
    for (title, part), height in zip(parts.items(), heights, strict=True):
        pen.text((MARGIN, top), title if part else f"{title}: none", INK, font)
        for position, index in enumerate(part):
            row, column = divmod(position, COLUMNS)
            x = MARGIN + column * (TILE + MARGIN)
            y = top + 2 * LINE + row * ROW
            image = Image.fromarray(split.images[index].permute(1, 2, 0).numpy())
            sheet.paste(image.resize((TILE, TILE), Image.Resampling.NEAREST), (x, y))
            label = classes[split.labels[index]]
            answer = classes[predicted[index]]
            colour = INK if answer == label else WRONG
            pen.text((x, y + TILE + 2), f"is {label}", INK, font)
            pen.text((x, y + TILE + LINE), f"{answer} {confidence[index]:.2f}", colour, font)
        top += height
    sheet.save(path, optimize=True)
