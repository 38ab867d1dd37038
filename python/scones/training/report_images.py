"""The test images to look at in the training report: cut out of the contact sheet."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from container.evaluation import sheet_layout
from container.evaluation.sheet_layout import TILE
from scones.json_object import JsonObject
from scones.pages.page import GalleryImage
from scones.pages.wording import percent


@dataclass(frozen=True)
class Answer:
    """The answer to a test image."""

    key: str
    label: str
    predicted: str
    confidence: float


def find_answers(predictions: bytes | None, keys: Sequence[str]) -> list[Answer]:
    """The answers to the images of these keys in a predictions.json, as far as it has them."""
    if predictions is None:
        return []
    raw = json.loads(predictions)
    classes = raw["classes"]
    images: Mapping[str, JsonObject] = {image["key"]: image for image in raw["images"]}
    answers = []
    for key in keys:
        if key not in images:
            continue
        image = images[key]
        confidence = max(image["probabilities"])
        predicted = classes[image["probabilities"].index(confidence)]
        answers.append(Answer(key, classes[image["label"]], predicted, confidence))
    return answers


def cut_out(sheet: bytes | None, parts: Sequence[Sequence[Answer]]) -> list[list[GalleryImage]]:
    """The images of each part of a contact sheet; empty without a sheet that has these parts."""
    nothing: list[list[GalleryImage]] = [[] for _ in parts]
    if not sheet:
        return nothing
    try:
        image = Image.open(io.BytesIO(sheet))
    except UnidentifiedImageError:
        return nothing
    counts = [len(part) for part in parts]
    if image.size != sheet_layout.size(counts):
        return nothing
    galleries = []
    for place, part in zip(sheet_layout.parts(counts), parts, strict=True):
        pairs = zip(place.corners, part, strict=True)
        galleries.append([_gallery_image(image, corner, answer) for corner, answer in pairs])
    return galleries


def _gallery_image(sheet: Image.Image, corner: tuple[int, int], answer: Answer) -> GalleryImage:
    x, y = corner
    tile = sheet.crop((x, y, x + TILE, y + TILE))
    file = io.BytesIO()
    tile.save(file, "png", optimize=True)
    content = base64.b64encode(file.getvalue()).decode()
    shows = f"shows {answer.label}"
    title = f"{answer.predicted} {percent(answer.confidence)}"
    return GalleryImage(
        source=f"data:image/png;base64,{content}",
        description=f"Answered {title}, {shows}.",
        title=title,
        lines=(shows,),
        tone="good" if answer.predicted == answer.label else "bad",
        side=TILE,
    )
