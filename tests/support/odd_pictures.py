"""Pictures as drivers' phones, and their owners' mistakes, deliver them: each with how it ends in the workflow."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable

from PIL import Image

MEGABYTE = 1_000_000


def picture(mode: str, kind: str) -> bytes:
    """A small picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (48, 32), (200, 120, 40)).convert(mode).save(buffer, kind)
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
    """A PNG of 10,000 x 5,000 black pixels in a few kilobytes, made without decoding any."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", 10_000, 5_000, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(10_001 * 5_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def twenty_megabytes() -> bytes:
    """A JPEG that a camera has filled up with its own remarks."""
    return picture("RGB", "JPEG") + os.urandom(20 * MEGABYTE)


ANSWERED: dict[str, Callable[[], bytes]] = {
    "cmyk.jpg": lambda: picture("CMYK", "JPEG"),
    "palette.png": lambda: picture("P", "PNG"),
    "transparent.png": lambda: picture("RGBA", "PNG"),
    "sixteen-bit.png": sixteen_bit,
    "animated.gif": animated,
}
REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty.png": ("EmptyImage", bytes),
    "text.png": ("NotAnImage", lambda: b"This is a text."),
    "half.jpg": ("NotAnImage", lambda: picture("RGB", "JPEG")[:300]),
    "fifty-megapixels.png": ("ImageTooLarge", fifty_megapixels),
    "twenty-megabytes.jpg": ("ImageTooLarge", twenty_megabytes),
}
