"""Draws where a vehicle stands."""

from __future__ import annotations

from random import Random

import PIL.Image
import PIL.ImageDraw

from scones.images.drawn.colours import cloth, foliage, grey, muted, paint, shade, sky
from scones.images.drawn.pen import Colour


def scenery(side: int, rng: Random) -> PIL.Image.Image:
    """A square RGB picture of `side` pixels."""
    scene = rng.choice((_studio, _studio, _street, _street, _park, _room, _wall))
    return scene(side, rng)


def clutter(picture: PIL.Image.Image, rng: Random) -> None:
    """Something in front that hides a part: a post, a bush, a person's shape."""
    draw, side = PIL.ImageDraw.Draw(picture), picture.width
    x = rng.uniform(0, side)
    width = rng.uniform(0.03, 0.14) * side
    if rng.random() < 0.5:
        draw.rectangle([x, rng.uniform(0, 0.4) * side, x + width, side], grey(rng, 30, 200))
    else:
        top = rng.uniform(0.55, 0.8) * side
        draw.ellipse([x - 2 * width, top, x + 2 * width, side * 1.2], foliage(rng))


def _studio(side: int, rng: Random) -> PIL.Image.Image:
    colour = grey(rng, 215, 255) if rng.random() < 0.6 else muted(rng)
    return _gradient(side, colour, shade(colour, rng.uniform(0.75, 1.0)))


def _street(side: int, rng: Random) -> PIL.Image.Image:
    picture = _gradient(side, sky(rng), shade(sky(rng), 1.1))
    draw, ground = PIL.ImageDraw.Draw(picture), rng.uniform(0.5, 0.8) * side
    x = -rng.uniform(0, 0.2) * side
    while x < side:
        width = rng.uniform(0.12, 0.4) * side
        top = rng.uniform(0.0, 0.5) * side
        _house(draw, rng, (x, top, x + width, ground))
        x += width + rng.choice((0, 0, 0.1)) * side
    draw.rectangle([0, ground, side, side], grey(rng, 70, 170))
    if rng.random() < 0.5:
        line = ground + rng.uniform(0.05, 0.15) * side
        draw.line(
            [0, line, side, line + rng.uniform(-0.1, 0.1) * side],
            grey(rng, 190, 250),
            max(1, side // 40),
        )
    return picture


def _house(
    draw: PIL.ImageDraw.ImageDraw, rng: Random, box: tuple[float, float, float, float]
) -> None:
    left, top, right, bottom = box
    colour, pane = muted(rng), rng.uniform(0.1, 0.2) * (right - left)
    draw.rectangle(box, colour)
    for column in range(1, 4):
        for row in range(1, 4):
            x, y = left + column * (right - left) / 4, top + row * (bottom - top) / 4
            draw.rectangle(
                [x - pane / 2, y - pane / 2, x + pane / 2, y + pane],
                shade(colour, rng.choice((0.5, 1.3))),
            )


def _park(side: int, rng: Random) -> PIL.Image.Image:
    picture = _gradient(side, sky(rng), shade(sky(rng), 1.15))
    draw, ground = PIL.ImageDraw.Draw(picture), rng.uniform(0.3, 0.75) * side
    for _ in range(rng.randint(2, 9)):
        x, radius = rng.uniform(0, side), rng.uniform(0.08, 0.3) * side
        draw.rectangle([x - radius / 8, ground - radius, x + radius / 8, ground], (80, 60, 40))
        draw.ellipse(
            [x - radius, ground - 2.2 * radius, x + radius, ground - radius / 2], foliage(rng)
        )
    draw.rectangle([0, ground, side, side], foliage(rng))
    if rng.random() < 0.4:
        path = rng.uniform(0.7, 0.95) * side
        draw.polygon([(0, path), (side, path - 0.1 * side), (side, side), (0, side)], muted(rng))
    return picture


def _room(side: int, rng: Random) -> PIL.Image.Image:
    wall = muted(rng)
    picture = _gradient(side, wall, shade(wall, 0.8))
    draw, ground = PIL.ImageDraw.Draw(picture), rng.uniform(0.6, 0.85) * side
    for _ in range(rng.randint(0, 4)):
        x, y = rng.uniform(0, side), rng.uniform(0, ground)
        draw.rectangle(
            [x, y, x + rng.uniform(0.05, 0.35) * side, y + rng.uniform(0.05, 0.35) * side],
            cloth(rng),
        )
    draw.rectangle([0, ground, side, side], shade(muted(rng), 0.7))
    return picture


def _wall(side: int, rng: Random) -> PIL.Image.Image:
    """Bricks, boards or a shutter: lines that a wheel's spokes can be mistaken for."""
    colour = paint(rng) if rng.random() < 0.4 else muted(rng)
    picture = _gradient(side, colour, shade(colour, 0.85))
    draw, pitch = PIL.ImageDraw.Draw(picture), rng.uniform(0.06, 0.16) * side
    upright = rng.random() < 0.5
    for row in range(int(side / pitch) + 1):
        at = row * pitch
        draw.line(
            [at, 0, at, side] if upright else [0, at, side, at],
            shade(colour, rng.choice((0.6, 0.75))),
            2,
        )
    ground = rng.uniform(0.72, 0.95) * side
    draw.rectangle([0, ground, side, side], grey(rng, 60, 190))
    return picture


def _gradient(side: int, top: Colour, bottom: Colour) -> PIL.Image.Image:
    column = PIL.Image.new("RGB", (1, 2))
    column.putdata([top, bottom])
    return column.resize((side, side), PIL.Image.Resampling.BILINEAR)
