"""The pixels of an image, from its bytes. Errors name the HTTP status to answer with."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from container.serving.decoding import (
    FORMATS,
    MAX_PIXELS,
    ImageError,
    ImageTooLarge,
    decode,
    explain_errors,
)

__all__ = ["FORMATS", "MAX_PIXELS", "ImageError", "ImageTooLarge", "pixels"]


def pixels(body: bytes, size: int | None = None) -> Tensor:
    """Return an image as uint8 [3, height, width], resized to `size` pixels square if given.

    Raises:
        ImageError: the bytes cannot be read as an image.
        ImageTooLarge: it has too many pixels; raised before it is decoded.
    """
    with explain_errors():
        image = as_rgb(decode(body, size))
    if size and image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()


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
