"""Draws one image of a vehicle, with the faults of a careless photograph."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
from PIL import ImageEnhance
from PIL.Image import Image, Resampling
from PIL.ImageDraw import Draw
from PIL.ImageFilter import GaussianBlur

from scones.images.dataset import SIDE, Pixels
from scones.images.drawn.bicycle import draw_bicycle
from scones.images.drawn.bus import draw_bus
from scones.images.drawn.motorcycle import draw_motorcycle
from scones.images.drawn.pen import Pen, chance
from scones.images.drawn.scenery import CANVAS, draw_clutter, draw_scenery

DrawVehicle = Callable[[Pen, Random], None]
VEHICLES = {
    "bicycle": draw_bicycle,
    "bus": draw_bus,
    "motorcycle": draw_motorcycle,
}


def draw_image(draw_vehicle: DrawVehicle, rng: Random) -> Pixels:
    """An image of a vehicle, 32x32x3 uint8 RGB; the same `rng` gives the same image."""
    image = draw_scenery(rng)
    pen = Pen(
        Draw(image, "RGBA"),
        x=CANVAS * rng.uniform(0.4, 0.6),
        y=CANVAS * rng.uniform(0.52, 0.74),
        scale=CANVAS * rng.uniform(0.36, 0.54),
        turn=rng.gauss(0, 0.12),
        breadth=rng.uniform(0.65, 1.0),
        faces_left=chance(rng, 0.5),
    )
    shadow = rng.uniform(0.7, 1.0)
    darkness = rng.randint(0, 90)
    pen.disc(
        (0, -0.36),
        shadow,
        (0, 0, 0, darkness),
        flat=0.12,
    )
    draw_vehicle(pen, rng)
    if chance(rng, 0.15):
        draw_clutter(image, rng)
    return _degrade(image, rng)


def _degrade(image: Image, rng: Random) -> Pixels:
    """Blur, shrink, light badly, tint and add grain."""
    blur = GaussianBlur(rng.uniform(0.3, 2.1))
    image = image.filter(blur)
    image = image.resize((SIDE, SIDE), Resampling.BOX)
    image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.75, 1.3))
    saturation = rng.choice((0.0, 0.6, 0.9, 1.0, 1.1))
    image = ImageEnhance.Color(image).enhance(saturation)
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.7, 1.2))
    tint = [rng.uniform(0.9, 1.1) for _ in range(3)]
    noise = np.random.default_rng(rng.getrandbits(64))
    grain = noise.normal(
        0,
        rng.uniform(1, 6),
        (SIDE, SIDE, 3),
    )
    values = np.asarray(image) * np.array(tint) + grain
    pixels: Pixels = np.clip(values, 0, 255).astype(np.uint8)
    return pixels
