"""The page: what stays the same is in review.html, what changes is its state, which review.js shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scones.images.reviewed import NONE
from scones.pages import page
from scones.reviewing.session import Card, Session

SCRIPT = Path(__file__).with_name("review.js")
KEYS = 9  # classes that have a key


@dataclass(frozen=True)
class Page:
    """What the page knows of the target.

    Attributes:
        classes: what a picture can show.
        answered: the classes of the model in service, in the order of its probabilities.
        threshold: the confidence from which the workflow trusts an answer.
    """

    target: str
    classes: tuple[str, ...]
    answered: tuple[str, ...]
    threshold: float | None

    def html(self) -> bytes:
        choices = [
            (str(place) if place <= KEYS else "", name)
            for place, name in enumerate(self.classes, 1)
        ]
        return page.render(
            "reviewing/review.html",
            target=self.target,
            choices=[
                *((key, name, spelt(name)) for key, name in choices),
                ("0", NONE, "none of these"),
            ],
            threshold=self.threshold,
        ).encode()

    def script(self) -> bytes:
        return SCRIPT.read_bytes()

    def state(self, session: Session) -> dict[str, Any]:
        """What review.js shows: the picture, if one waits, and how far people have come."""
        card = session.show()
        return {
            "card": self._card(card) if card else None,
            "tally": asdict(session.tally),
            "waiting": session.waiting,
            "undo": session.can_undo(),
        }

    def _card(self, card: Card) -> dict[str, Any]:
        photo, doubt = card.photo, card.doubt
        return {
            "id": card.id,
            "key": doubt.s3_key,
            "size": f"{photo.width} by {photo.height} pixels, {photo.kind}" if photo else "",
            "small": photo is not None and max(photo.width, photo.height) < 200,
            "remark": card.remark,
            "message": doubt.message,
            "probabilities": self._probabilities(doubt.inferences),
            "stored": card.stored.label if card.stored else None,
            "labelled": card.handle is None,
        }

    def _probabilities(self, inferences: Sequence[float]) -> dict[str, float]:
        """By class; empty where another model than the one in service gave them."""
        return (
            dict(zip(self.answered, inferences, strict=True))
            if len(self.answered) == len(inferences)
            else {}
        )


def spelt(name: str) -> str:
    """A class as people write it."""
    return name.replace("_", " ")
