"""What a model answered to each of its test images: the predictions.json of its artifact."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Prediction:
    """One test image, known by the SHA-256 of its content: the class that it shows, and the one that was answered."""

    key: str
    sha256: str
    truth: str
    answer: str

    @property
    def right(self) -> bool:
        return self.answer == self.truth


def parse(content: bytes) -> tuple[Prediction, ...]:
    """The answers of a predictions.json, by the names of the classes, as another model may number them otherwise.

    Raises:
        ValueError, KeyError, TypeError, IndexError: it is none.
    """
    raw = json.loads(content)
    classes = [str(name) for name in raw["classes"]]
    return tuple(
        Prediction(
            key=str(image["key"]),
            sha256=str(image["sha256"]),
            truth=classes[image["label"]],
            answer=max(zip(image["probabilities"], classes, strict=True), key=lambda pair: pair[0])[
                1
            ],
        )
        for image in raw["images"]
    )
