"""The few images that a report shows, scaled down while records are read; all are verified."""

from __future__ import annotations

import base64
import hashlib
import io
import warnings
from bisect import insort
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from PIL import Image, UnidentifiedImageError

from monitor.records import Record

THUMBNAIL_SIDE = 160  # pixels of the longer side
LOSSLESS_SIDE = 64  # pixels up to which a thumbnail is a PNG
MOST_PIXELS = 40_000_000  # of an image that is decoded for a thumbnail
MOST_SAMPLES = 24  # on either side of the threshold
MOST_NAMED = 100  # of the undecodable images; the others are only counted
TOO_LARGE = "It has too many pixels for a report."
DECODING_ERRORS = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    Image.DecompressionBombError,
)


class UndecodableError(Exception):
    """The body is not an image, or too large for a report; the message says which."""


@dataclass(frozen=True)
class Thumbnail:
    """An image as a data URL, and its longer side in pixels."""

    source: str
    side: int


@dataclass(order=True)
class SampleImage:
    """An image to show, which may have been sent several times."""

    confidence: float
    row: int
    name: str = field(compare=False)
    digest: bytes = field(compare=False)
    thumbnail: Thumbnail = field(compare=False)
    times: int = field(compare=False, default=1)


@dataclass(frozen=True)
class UndecodableImage:
    """A record whose image cannot be decoded, and its row in the traffic."""

    row: int
    name: str
    reason: str


class LeastConfident:
    """The distinct images of lowest confidence among those offered, at most MOST_SAMPLES."""

    def __init__(self) -> None:
        self.samples: list[SampleImage] = []

    def offer(self, confidence: float, row: int, name: str, body: bytes) -> None:
        """Keep the image if its confidence is low enough.

        Raises:
            UndecodableError: the image would be kept, but cannot be decoded.
        """
        is_full = len(self.samples) == MOST_SAMPLES
        if is_full and confidence > self.samples[-1].confidence:
            return
        digest = hashlib.sha256(body).digest()
        for sample in self.samples:
            if sample.digest == digest:
                sample.times += 1
                return
        if is_full and confidence == self.samples[-1].confidence:
            return
        sample = SampleImage(confidence, row, name, digest, make_thumbnail(body))
        insort(self.samples, sample)
        del self.samples[MOST_SAMPLES:]


def is_declared_image(record: Record) -> bool:
    """Whether the content type of a record's input is an image, or leaves it open."""
    content_type = (record.content_type or "image/").partition(";")[0].strip().lower()
    if content_type.startswith("image/"):
        return True
    return content_type in ("application/x-image", "application/octet-stream")


def verify_image(body: bytes) -> None:
    """Check an image's structure without decoding it. Raises UndecodableError."""
    with _open_image(body) as image:
        image.verify()


def make_thumbnail(body: bytes) -> Thumbnail:
    """Scale an image down; small images keep their size. Raises UndecodableError."""
    with _open_image(body) as image:
        if image.width * image.height > MOST_PIXELS:
            raise UndecodableError(TOO_LARGE)
        image.draft("RGB", (2 * THUMBNAIL_SIDE, 2 * THUMBNAIL_SIDE))
        small = image.convert("RGB")
        small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    side = max(small.size)
    file = io.BytesIO()
    if side <= LOSSLESS_SIDE:
        kind = "png"
        small.save(file, kind, optimize=True)
    else:
        kind = "jpeg"
        small.save(file, kind, quality=85)
    content = base64.b64encode(file.getvalue()).decode()
    return Thumbnail(f"data:image/{kind};base64,{content}", side)


@contextmanager
def _open_image(body: bytes) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(body)) as image:
            yield image
    except DECODING_ERRORS as error:
        raise UndecodableError(_reason(body, error)) from error


def _reason(body: bytes, error: Exception) -> str:
    if not body:
        return "It is empty."
    if isinstance(error, UnidentifiedImageError):
        return f"{len(body):,} bytes that are not an image."
    # Pillow's own limit, which other code of this process may lower.
    if isinstance(error, Image.DecompressionBombError):
        return TOO_LARGE
    return f"{len(body):,} bytes of a damaged image: {error}."
