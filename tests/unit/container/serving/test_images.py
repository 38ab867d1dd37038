"""Images in all formats that are accepted, and bytes that are not an image."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from container.serving.images import MAX_PIXELS, ImageError, ImageTooLarge, pixels

ORIENTATION = 0x0112


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    body = BytesIO()
    image.save(body, kind, **options)
    return body.getvalue()


def two_colours(width: int = 64, height: int = 48) -> Image.Image:
    """Red above, blue below."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (0, height // 2, width, height))
    return image


def red_above_blue(image: torch.Tensor) -> bool:
    top, bottom = image[:, :4].float().mean((1, 2)), image[:, -4:].float().mean((1, 2))
    return bool(top[0] > 180 and top[2] < 80 and bottom[2] > 180 and bottom[0] < 80)


def test_pixels_come_as_they_are_without_a_size() -> None:
    noise = torch.randint(0, 256, (3, 5, 7), dtype=torch.uint8)
    body = encoded(Image.fromarray(noise.permute(1, 2, 0).numpy()))
    assert torch.equal(pixels(body), noise)


def test_an_image_of_the_right_size_is_not_touched() -> None:
    noise = torch.randint(0, 256, (3, 32, 32), dtype=torch.uint8)
    assert torch.equal(pixels(encoded(Image.fromarray(noise.permute(1, 2, 0).numpy())), 32), noise)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_every_format_is_read_and_squeezed_to_size(kind: str) -> None:
    image = pixels(encoded(two_colours(), kind), 32)
    assert image.shape == (3, 32, 32)
    assert red_above_blue(image)


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("P", "PNG"), ("RGBA", "PNG"), ("YCbCr", "JPEG")]
)
def test_every_mode_shows_the_same_image(mode: str, kind: str) -> None:
    assert red_above_blue(pixels(encoded(two_colours().convert(mode), kind), 32))


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_images_have_three_equal_colours(mode: str) -> None:
    image = pixels(encoded(Image.linear_gradient("L").convert(mode)), 32)
    assert torch.equal(image[0], image[1])
    assert torch.equal(image[0], image[2])


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    shades = np.linspace(0, 65_535, 32 * 32, dtype=np.uint16).reshape(32, 32)
    image = pixels(encoded(Image.fromarray(shades)), 32)
    expected = torch.from_numpy((shades / 257).round().astype(np.uint8))
    assert torch.equal(image[0], expected)


def test_transparent_pixels_become_white() -> None:
    clear = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    assert pixels(encoded(clear), 32).min() == 255


def test_a_palette_with_transparency_is_white_there() -> None:
    image = Image.new("P", (32, 32), 0)
    image.putpalette([0, 0, 0, 255, 0, 0])
    assert pixels(encoded(image, transparency=0), 32).min() == 255


def test_the_first_frame_of_an_animation_counts() -> None:
    frames = [two_colours(), Image.new("RGB", (64, 48), "green")]
    assert red_above_blue(
        pixels(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), 32)
    )


def test_an_image_taken_upside_down_is_turned() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 3
    assert red_above_blue(pixels(encoded(two_colours().rotate(180), "JPEG", exif=exif), 32))


def test_shrinking_averages_and_does_not_skip() -> None:
    checks = Image.fromarray((np.indices((512, 512)).sum(0) % 2 * 255).astype(np.uint8))
    image = pixels(encoded(checks), 32)
    assert image.float().std() < 3
    assert abs(image.float().mean() - 127.5) < 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello, I am a text",
        b"\x89PNG\r\n\x1a\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
    ids=["empty", "text", "header only", "PostScript"],
)
def test_bytes_that_are_not_an_image_are_refused_in_a_sentence(body: bytes) -> None:
    with pytest.raises(ImageError, match=r"^The body .+\.$") as caught:
        pixels(body, 32)
    assert caught.value.status == 400


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_truncated_image_is_refused(kind: str) -> None:
    body = encoded(Image.effect_noise((200, 200), 90).convert("RGB"), kind)
    with pytest.raises(ImageError, match="cannot be read"):
        pixels(body[: len(body) // 2], 32)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("width", "height"), [(10_000, 5_000), (50_000, 50_000)])
def test_too_many_pixels_are_refused_before_any_is_decoded(width: int, height: int) -> None:
    with pytest.raises(ImageTooLarge, match=f"{MAX_PIXELS:,}") as caught:
        pixels(png_that_claims(width, height), 32)
    assert caught.value.status == 413


def test_an_image_of_the_largest_size_is_read() -> None:
    assert red_above_blue(pixels(encoded(two_colours(5_000, 5_000), "JPEG"), 32))


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG that ends after its header: whoever decodes it fails otherwise than by its size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"")
    chunks = b"".join(
        struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one))
        for one in (header, data)
    )
    return b"\x89PNG\r\n\x1a\n" + chunks
