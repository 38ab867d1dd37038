"""The few pictures that a report shows, made small as they come by; the others are only looked at."""

from __future__ import annotations

import base64
import hashlib
import io
import warnings
from bisect import insort
from dataclasses import dataclass, field

from PIL import Image, UnidentifiedImageError

from monitor.records import Record

SIDE = 160  # pixels, of the longer side
SMALL = 64  # pixels up to which nothing may be lost
MOST_PIXELS = 40_000_000  # to be decoded for a small picture
KEPT = 24  # pictures of a kind
NAMED = 100  # of what cannot be decoded; the rest is counted
TOO_LARGE = "It has too many pixels for a report."
BROKEN = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    Image.DecompressionBombError,
)


class Undecodable(Exception):
    """Not a picture, or none that a report shows; says why in a sentence."""


@dataclass(frozen=True)
class Thumbnail:
    """A picture as a data URL, and its longer side in pixels."""

    source: str
    side: int


@dataclass(order=True)
class Shown:
    """One of the chosen pictures, which may have been sent several times."""

    confidence: float
    row: int
    name: str = field(compare=False)
    digest: bytes = field(compare=False)
    thumbnail: Thumbnail = field(compare=False)
    times: int = field(compare=False, default=1)


@dataclass(frozen=True)
class Lost:
    """A record whose picture cannot be decoded; its row is that of its traffic."""

    row: int
    name: str
    reason: str


class Lowest:
    """The different pictures of lowest confidence among those offered, at most KEPT."""

    def __init__(self) -> None:
        self.shown: list[Shown] = []

    def offer(self, confidence: float, row: int, name: str, body: bytes) -> None:
        """Raises Undecodable, if the picture would be kept and cannot be decoded."""
        if len(self.shown) == KEPT and confidence > self.shown[-1].confidence:
            return
        digest = hashlib.sha256(body).digest()
        for one in self.shown:
            if one.digest == digest:
                one.times += 1
                return
        if len(self.shown) == KEPT and confidence == self.shown[-1].confidence:
            return
        insort(self.shown, Shown(confidence, row, name, digest, thumbnail(body)))
        del self.shown[KEPT:]


def is_declared(record: Record) -> bool:
    """Whether a record says that its input is a picture, or does not say what it is."""
    kind = (record.content_type or "image/").partition(";")[0].strip().lower()
    return kind.startswith("image/") or kind in ("application/x-image", "application/octet-stream")


def check(body: bytes) -> None:
    """Raises Undecodable, as far as a look at the picture's structure tells without decoding it."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(body)) as image:
            image.verify()
    except BROKEN as error:
        raise Undecodable(_reason(body, error)) from error


def thumbnail(body: bytes) -> Thumbnail:
    """A small copy, right way up; small pictures stay as they are. Raises Undecodable."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(body)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Undecodable(TOO_LARGE)
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            small = image.convert("RGB")
            small.thumbnail((SIDE, SIDE))
    except BROKEN as error:
        raise Undecodable(_reason(body, error)) from error
    file, side = io.BytesIO(), max(small.size)
    kind, options = ("png", {"optimize": True}) if side <= SMALL else ("jpeg", {"quality": 85})
    small.save(file, kind, **options)
    return Thumbnail(f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}", side)


def _reason(body: bytes, error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return f"{len(body):,} bytes that are no picture." if body else "It is empty."
    if isinstance(
        error, Image.DecompressionBombError
    ):  # Pillow's own limit, which others of this process may lower
        return TOO_LARGE
    return f"{len(body):,} bytes of a broken picture: {error}."
