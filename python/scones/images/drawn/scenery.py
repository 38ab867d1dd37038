"""Draws the background of a vehicle."""

from __future__ import annotations

from random import Random

from PIL.Image import Image, Resampling, new
from PIL.ImageDraw import Draw, ImageDraw

from scones.images.dataset import SIDE
from scones.images.drawn.colours import cloth, foliage, grey, muted, paint, shade, sky
from scones.images.drawn.pen import Colour, chance

# Vehicle and scenery are drawn on a larger canvas, which is then shrunk. In pixels.
CANVAS = 4 * SIDE


def draw_scenery(rng: Random) -> Image:
    """A square RGB image of the canvas's size."""
    scenes = (
        _draw_studio,
        _draw_studio,
        _draw_street,
        _draw_street,
        _draw_park,
        _draw_interior,
        _draw_wall,
    )
    return rng.choice(scenes)(rng)


def draw_clutter(image: Image, rng: Random) -> None:
    """A post or a bush in front, which hides a part of the vehicle."""
    canvas = Draw(image)
    x = rng.uniform(0, CANVAS)
    width = _length(rng, 0.03, 0.14)
    if chance(rng, 0.5):
        top = _length(rng, 0, 0.4)
        post = [x, top, x + width, CANVAS]
        canvas.rectangle(post, grey(rng, 30, 200))
    else:
        top = _length(rng, 0.55, 0.8)
        bush = [
            x - 2 * width,
            top,
            x + 2 * width,
            CANVAS * 1.2,
        ]
        canvas.ellipse(bush, foliage(rng))


def _draw_studio(rng: Random) -> Image:
    colour = grey(rng, 215, 255) if chance(rng, 0.6) else muted(rng)
    darkness = rng.uniform(0.75, 1.0)
    return _gradient(colour, shade(colour, darkness))


def _draw_street(rng: Random) -> Image:
    image = _gradient(
        sky(rng),
        shade(sky(rng), 1.1),
    )
    canvas = Draw(image)
    ground = _length(rng, 0.5, 0.8)
    x = -_length(rng, 0, 0.2)
    while x < CANVAS:
        width = _length(rng, 0.12, 0.4)
        top = _length(rng, 0.0, 0.5)
        _draw_house(
            canvas,
            rng,
            left=x,
            top=top,
            right=x + width,
            bottom=ground,
        )
        gap = rng.choice((0, 0, 0.1))
        x += width + gap * CANVAS
    canvas.rectangle([0, ground, CANVAS, CANVAS], grey(rng, 70, 170))
    if chance(rng, 0.5):
        left = ground + _length(rng, 0.05, 0.15)
        right = left + _length(rng, -0.1, 0.1)
        kerb = [0, left, CANVAS, right]
        canvas.line(
            kerb,
            grey(rng, 190, 250),
            3,
        )
    return image


def _draw_house(
    canvas: ImageDraw,
    rng: Random,
    left: float,
    top: float,
    right: float,
    bottom: float,
) -> None:
    colour = muted(rng)
    pane = rng.uniform(0.1, 0.2) * (right - left)
    canvas.rectangle([left, top, right, bottom], colour)
    for column in range(1, 4):
        for row in range(1, 4):
            x = left + column * (right - left) / 4
            y = top + row * (bottom - top) / 4
            window = [
                x - pane / 2,
                y - pane / 2,
                x + pane / 2,
                y + pane,
            ]
            light = rng.choice((0.5, 1.3))
            canvas.rectangle(window, shade(colour, light))


def _draw_park(rng: Random) -> Image:
    image = _gradient(
        sky(rng),
        shade(sky(rng), 1.15),
    )
    canvas = Draw(image)
    ground = _length(rng, 0.3, 0.75)
    for _ in range(rng.randint(2, 9)):
        x = rng.uniform(0, CANVAS)
        radius = _length(rng, 0.08, 0.3)
        trunk = [
            x - radius / 8,
            ground - radius,
            x + radius / 8,
            ground,
        ]
        canvas.rectangle(trunk, (80, 60, 40))
        crown = [
            x - radius,
            ground - 2.2 * radius,
            x + radius,
            ground - radius / 2,
        ]
        canvas.ellipse(crown, foliage(rng))
    canvas.rectangle([0, ground, CANVAS, CANVAS], foliage(rng))
    if chance(rng, 0.4):
        path = _length(rng, 0.7, 0.95)
        corners = [
            (0, path),
            (CANVAS, path - 0.1 * CANVAS),
            (CANVAS, CANVAS),
            (0, CANVAS),
        ]
        canvas.polygon(corners, muted(rng))
    return image


def _draw_interior(rng: Random) -> Image:
    wall = muted(rng)
    image = _gradient(wall, shade(wall, 0.8))
    canvas = Draw(image)
    ground = _length(rng, 0.6, 0.85)
    for _ in range(rng.randint(0, 4)):
        x = rng.uniform(0, CANVAS)
        y = rng.uniform(0, ground)
        furniture = [
            x,
            y,
            x + _length(rng, 0.05, 0.35),
            y + _length(rng, 0.05, 0.35),
        ]
        canvas.rectangle(furniture, cloth(rng))
    floor = shade(muted(rng), 0.7)
    canvas.rectangle([0, ground, CANVAS, CANVAS], floor)
    return image


def _draw_wall(rng: Random) -> Image:
    """Bricks, boards or a shutter: lines that can be mistaken for a wheel's spokes."""
    colour = paint(rng) if chance(rng, 0.4) else muted(rng)
    image = _gradient(colour, shade(colour, 0.85))
    canvas = Draw(image)
    pitch = _length(rng, 0.06, 0.16)
    upright = chance(rng, 0.5)
    for row in range(int(CANVAS / pitch) + 1):
        position = row * pitch
        joint = [0, position, CANVAS, position]
        if upright:
            joint = [position, 0, position, CANVAS]
        darkness = rng.choice((0.6, 0.75))
        canvas.line(joint, shade(colour, darkness), 2)
    ground = _length(rng, 0.72, 0.95)
    canvas.rectangle([0, ground, CANVAS, CANVAS], grey(rng, 60, 190))
    return image


def _length(rng: Random, low: float, high: float) -> float:
    """Between these shares of the canvas."""
    return rng.uniform(low, high) * CANVAS


def _gradient(top: Colour, bottom: Colour) -> Image:
    column = new("RGB", (1, 2))
    column.putdata([top, bottom])
    return column.resize((CANVAS, CANVAS), Resampling.BILINEAR)
