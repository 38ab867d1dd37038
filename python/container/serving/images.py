"""Bytes of a picture in, pixels out. Whatever is wrong with them is an error that names the HTTP status to answer."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

MOST_PIXELS = 25_000_000
# Formats that Pillow reads by itself; PostScript, for one, would start an interpreter.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")

# Pillow looks at the picture as soon as it is opened, and at pictures inside pictures, before it decodes any.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class ImageError(ValueError):
    """These bytes are no picture."""

    status = 400


class ImageTooLarge(ImageError):
    """More pixels than we are ready to decode."""

    status = 413


def pixels(body: bytes, size: int | None = None) -> Tensor:
    """The picture as uint8 [3, height, width], squeezed to `size` pixels square where one is given.

    Raises ImageError, or ImageTooLarge before anything is decoded.
    """
    if not body:
        raise ImageError("The body is empty: send the bytes of one image.")
    try:
        image = colour(opened(body, size))
    except (ImageError, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise ImageError(
            f"The body is no image; these can be read: {', '.join(FORMATS)}."
        ) from error
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(f"The image has more than {MOST_PIXELS:,} pixels.") from error
    except Exception as error:  # Pillow's readers raise errors of every kind for broken files
        raise ImageError(
            f"The body cannot be read as an image: {type(error).__name__}, {error}."
        ) from error
    if size and image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()


def opened(body: bytes, size: int | None) -> Image.Image:
    """The first frame, decoded and turned the way it was taken."""
    image = Image.open(BytesIO(body), formats=FORMATS)
    if image.width * image.height > MOST_PIXELS:
        raise ImageTooLarge(
            f"The image has {image.width * image.height:,} pixels; {MOST_PIXELS:,} are the most."
        )
    if size:
        # A JPEG is decoded at a fraction of its size for a fraction of the time.
        image.draft(None, (4 * size, 4 * size))
    image.load()
    return ImageOps.exif_transpose(image)


def colour(image: Image.Image) -> Image.Image:
    """8-bit RGB from any mode; what is transparent is white."""
    if image.mode.startswith("I"):
        # Pillow would cut 16-bit grey off at 255.
        image = Image.fromarray((np.asarray(image).clip(0, 65_535) / 257).round().astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")
