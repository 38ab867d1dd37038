"""The review page: review.html is its fixed part; review.js shows its state."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from scones.images.reviewed import NONE
from scones.json_object import JsonObject
from scones.pages import page
from scones.reviewing.session import Card, Session

SCRIPT = Path(__file__).with_name("review.js")
MAX_KEYS = 9  # classes with a key


@dataclass(frozen=True)
class Page:
    """The page of one target.

    Attributes:
        classes: what an image can show.
    """

    target: str
    classes: tuple[str, ...]

    def html(self) -> bytes:
        choices = []
        for number, name in enumerate(self.classes, 1):
            key = str(number) if number <= MAX_KEYS else ""
            choices.append((key, name, name.replace("_", " ")))
        choices.append(("0", NONE, "none of these"))
        html = page.render(
            "reviewing/review.html",
            target=self.target,
            choices=choices,
        )
        return html.encode()

    def state(self, session: Session) -> JsonObject:
        """What review.js shows: the current image, if any, and the progress."""
        card = session.show()
        return {
            "card": self._card_state(card) if card else None,
            "tally": asdict(session.tally),
            "waiting": session.waiting,
            "undo": session.can_undo(),
        }

    def _card_state(self, card: Card) -> JsonObject:
        size = ""
        is_small = False
        image = card.image
        if image:
            size = f"{image.width} by {image.height} pixels, {image.kind}"
            is_small = max(image.width, image.height) < 200
        probabilities = {card.request.label: card.request.confidence}
        threshold = None
        if attribution := card.request.attribution:
            threshold = attribution.threshold
            inferences = card.request.inferences
            if len(attribution.classes) == len(inferences):
                probabilities = dict(zip(attribution.classes, inferences, strict=True))
        return {
            "id": card.id,
            "key": card.request.s3_key,
            "size": size,
            "small": is_small,
            "remark": card.remark,
            "message": card.request.message,
            "probabilities": probabilities,
            "threshold": threshold,
            "stored": card.stored.label if card.stored else None,
            "labelled": card.handle is None,
        }
