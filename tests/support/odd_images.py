"""Unusual images and files that are not images, each with how its execution ends."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable

from PIL import Image

MEGABYTE = 1_000_000


def plain_image(mode: str, file_format: str) -> bytes:
    """A small image of one colour."""
    buffer = io.BytesIO()
    image = Image.new("RGB", (48, 32), (200, 120, 40)).convert(mode)
    image.save(buffer, file_format)
    return buffer.getvalue()


def sixteen_bit() -> bytes:
    buffer = io.BytesIO()
    Image.new("I;16", (48, 32), 40_000).save(buffer, "PNG")
    return buffer.getvalue()


def animated() -> bytes:
    buffer = io.BytesIO()
    first, *others = (Image.new("P", (40, 40), shade) for shade in (1, 2, 3))
    first.save(buffer, "GIF", save_all=True, append_images=others)
    return buffer.getvalue()


def fifty_megapixels() -> bytes:
    """A PNG of 10,000 x 5,000 black pixels in a few kilobytes, written without decoding any."""
    header = struct.pack(">IIBBBBB", 10_000, 5_000, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(10_001 * 5_000))
    chunks = [(b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def png_chunk(name: bytes, content: bytes) -> bytes:
    length = struct.pack(">I", len(content))
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return length + name + content + checksum


def twenty_megabytes() -> bytes:
    """A JPEG that its camera filled up with metadata."""
    return plain_image("RGB", "JPEG") + os.urandom(20 * MEGABYTE)


# Name of the file -> how to make its content.
ANSWERED: dict[str, Callable[[], bytes]] = {
    "cmyk.jpg": lambda: plain_image("CMYK", "JPEG"),
    "palette.png": lambda: plain_image("P", "PNG"),
    "transparent.png": lambda: plain_image("RGBA", "PNG"),
    "sixteen-bit.png": sixteen_bit,
    "animated.gif": animated,
}
# Name of the file -> the error that its execution ends with, and how to make its content.
REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty.png": ("EmptyImage", bytes),
    "text.png": ("NotAnImage", lambda: b"This is a text."),
    "half.jpg": ("NotAnImage", lambda: plain_image("RGB", "JPEG")[:300]),
    "fifty-megapixels.png": ("ImageTooLarge", fifty_megapixels),
    "twenty-megabytes.jpg": ("ImageTooLarge", twenty_megabytes),
}
