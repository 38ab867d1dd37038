"""Decodes the bytes of an image, without torch. Its errors name the HTTP status to answer with."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 25_000_000
# Formats that Pillow reads by itself; PostScript, for one, would start an interpreter.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")

# Pillow checks this when it opens an image or an image inside it, before it decodes any.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# From MAX_PIXELS on it warns, and from twice as many it refuses; `decode` refuses at once.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class ImageError(ValueError):
    """These bytes are not an image."""

    status = 400


class UnknownFormat(ImageError):
    """The bytes begin like none of the FORMATS."""


class ImageTooLarge(ImageError):
    """The image has more than MAX_PIXELS."""

    status = 413


def check(body: bytes, size: int) -> None:
    """Decode as `decode` does, and drop the result.

    Raises:
        ImageError: the bytes cannot be read as an image.
    """
    with explain_errors():
        decode(body, size)


@contextmanager
def explain_errors() -> Iterator[None]:
    """Turn whatever Pillow raises for broken bytes into an ImageError."""
    try:
        yield
    except (ImageError, MemoryError):
        raise
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise UnknownFormat(f"The body is not an image in a known format: {known}.") from error
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(f"The image has more than {MAX_PIXELS:,} pixels.") from error
    except Exception as error:  # Pillow's readers raise errors of every kind for broken files
        reason = f"{type(error).__name__}, {error}"
        raise ImageError(f"The body cannot be read as an image: {reason}.") from error


def decode(body: bytes, size: int | None) -> Image.Image:
    """Return the first frame, upright; `size` is that of the square it will be resized to."""
    if not body:
        raise ImageError("The body is empty: send the bytes of one image.")
    image = Image.open(BytesIO(body), formats=FORMATS)
    count = image.width * image.height
    if count > MAX_PIXELS:
        raise ImageTooLarge(f"The image has {count:,} pixels; at most {MAX_PIXELS:,} are accepted.")
    if size:
        # A JPEG is decoded at a fraction of its size for a fraction of the time.
        image.draft(None, (4 * size, 4 * size))
    image.load()
    return ImageOps.exif_transpose(image)
