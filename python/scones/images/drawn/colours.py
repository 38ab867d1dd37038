"""Colours as they occur in the street."""

from __future__ import annotations

import colorsys
from random import Random

from scones.images.drawn.pen import Colour, chance

BLACK = (20, 20, 22)
RUBBER = (38, 38, 40)
STEEL = (95, 98, 104)
CHROME = (190, 194, 200)
Range = tuple[float, float]


def paint(rng: Random) -> Colour:
    """Of a vehicle: mostly strong, sometimes black, white or grey."""
    if chance(rng, 0.3):
        return grey(rng, 15, 235)
    return _random_colour(
        rng,
        (0, 1),
        (0.55, 1),
        (0.35, 0.95),
    )


def cloth(rng: Random) -> Colour:
    return _random_colour(
        rng,
        (0, 1),
        (0.1, 0.9),
        (0.2, 0.9),
    )


def skin(rng: Random) -> Colour:
    return _random_colour(
        rng,
        (0.04, 0.08),
        (0.35, 0.6),
        (0.4, 0.95),
    )


def muted(rng: Random) -> Colour:
    """Of a wall."""
    return _random_colour(
        rng,
        (0, 1),
        (0.05, 0.35),
        (0.3, 0.95),
    )


def foliage(rng: Random) -> Colour:
    return _random_colour(
        rng,
        (0.2, 0.38),
        (0.3, 0.75),
        (0.2, 0.65),
    )


def sky(rng: Random) -> Colour:
    return _random_colour(
        rng,
        (0.52, 0.64),
        (0.05, 0.55),
        (0.6, 1),
    )


def grey(rng: Random, low: int, high: int) -> Colour:
    level = rng.randint(low, high)
    blue = level + rng.randint(0, 12)
    return (level, level, min(255, blue))


def shade(colour: Colour, factor: float) -> Colour:
    """Darker with a factor below 1, lighter above."""
    return tuple(min(255, round(value * factor)) for value in colour)


def _random_colour(rng: Random, hue: Range, saturation: Range, value: Range) -> Colour:
    rgb = colorsys.hsv_to_rgb(
        rng.uniform(*hue),
        rng.uniform(*saturation),
        rng.uniform(*value),
    )
    return tuple(round(255 * level) for level in rgb)
