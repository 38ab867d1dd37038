"""Decodes the bytes of an image into pixels. Its errors name the HTTP status to answer with."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

MAX_PIXELS = 25_000_000
# Formats that Pillow reads by itself; PostScript, for one, would start an interpreter.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")

# Pillow checks this when it opens an image or an image inside it, before it decodes any.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


class ImageError(ValueError):
    """These bytes are not an image."""

    status = 400


class ImageTooLarge(ImageError):
    """The image has more than MAX_PIXELS."""

    status = 413


def pixels(body: bytes, size: int | None = None) -> Tensor:
    """Return an image as uint8 [3, height, width], resized to `size` pixels square if given.

    Raises:
        ImageError: the bytes cannot be read as an image.
        ImageTooLarge: it has too many pixels; raised before it is decoded.
    """
    if not body:
        raise ImageError("The body is empty: send the bytes of one image.")
    try:
        image = as_rgb(decode(body, size))
    except (ImageError, MemoryError):
        raise
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise ImageError(f"The body is not an image in a known format: {known}.") from error
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(f"The image has more than {MAX_PIXELS:,} pixels.") from error
    except Exception as error:  # Pillow's readers raise errors of every kind for broken files
        reason = f"{type(error).__name__}, {error}"
        raise ImageError(f"The body cannot be read as an image: {reason}.") from error
    if size and image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()


def decode(body: bytes, size: int | None) -> Image.Image:
    """Return the first frame, upright."""
    image = Image.open(BytesIO(body), formats=FORMATS)
    count = image.width * image.height
    if count > MAX_PIXELS:
        raise ImageTooLarge(f"The image has {count:,} pixels; at most {MAX_PIXELS:,} are accepted.")
    if size:
        # A JPEG is decoded at a fraction of its size for a fraction of the time.
        image.draft(None, (4 * size, 4 * size))
    image.load()
    return ImageOps.exif_transpose(image)


def as_rgb(image: Image.Image) -> Image.Image:
    """Return 8-bit RGB from any mode; transparent pixels become white."""
    if image.mode.startswith("I"):
        # Pillow would cut 16-bit grey off at 255.
        grey = np.asarray(image).clip(0, 65_535) / 257
        image = Image.fromarray(grey.round().astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        background = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(background, image)
    return image.convert("RGB")
