"""One PNG of the images to look at: the most wrong and the least confident answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from container.dataset import Split
from container.evaluation import sheet_layout
from container.evaluation.sheet_layout import LINE, MARGIN, TILE

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
    counts = [len(part) for part in parts.values()]
    sheet = Image.new("RGB", sheet_layout.size(counts), PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(14)
    places = sheet_layout.parts(counts)
    for (title, part), place in zip(parts.items(), places, strict=True):
        pen.text((MARGIN, place.top), title if part else f"{title}: none", INK, font)
        for (x, y), index in zip(place.corners, part, strict=True):
            image = Image.fromarray(split.images[index].permute(1, 2, 0).numpy())
            sheet.paste(image.resize((TILE, TILE), Image.Resampling.NEAREST), (x, y))
            label = classes[split.labels[index]]
            answer = classes[predicted[index]]
            colour = INK if answer == label else WRONG
            pen.text((x, y + TILE + 2), f"is {label}", INK, font)
            pen.text((x, y + TILE + LINE), f"{answer} {confidence[index]:.2f}", colour, font)
    sheet.save(path, optimize=True)
