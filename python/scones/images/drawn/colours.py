"""Colours as they come in the street."""

from __future__ import annotations

import colorsys
from random import Random

from scones.images.drawn.pen import Colour

BLACK, RUBBER, STEEL, CHROME = (20, 20, 22), (38, 38, 40), (95, 98, 104), (190, 194, 200)


def paint(rng: Random) -> Colour:
    """A vehicle's: mostly strong, sometimes black, white or grey."""
    if rng.random() < 0.3:
        return grey(rng, 15, 235)
    return _hsv(rng.random(), rng.uniform(0.55, 1), rng.uniform(0.35, 0.95))


def cloth(rng: Random) -> Colour:
    return _hsv(rng.random(), rng.uniform(0.1, 0.9), rng.uniform(0.2, 0.9))


def skin(rng: Random) -> Colour:
    return _hsv(rng.uniform(0.04, 0.08), rng.uniform(0.35, 0.6), rng.uniform(0.4, 0.95))


def muted(rng: Random) -> Colour:
    """A wall's."""
    return _hsv(rng.random(), rng.uniform(0.05, 0.35), rng.uniform(0.3, 0.95))


def foliage(rng: Random) -> Colour:
    return _hsv(rng.uniform(0.2, 0.38), rng.uniform(0.3, 0.75), rng.uniform(0.2, 0.65))


def sky(rng: Random) -> Colour:
    return _hsv(rng.uniform(0.52, 0.64), rng.uniform(0.05, 0.55), rng.uniform(0.6, 1))


def grey(rng: Random, low: int = 60, high: int = 200) -> Colour:
    level = rng.randint(low, high)
    return (level, level, min(255, level + rng.randint(0, 12)))


def shade(colour: Colour, factor: float) -> Colour:
    """Darker with a factor below 1, lighter above."""
    return tuple(min(255, round(value * factor)) for value in colour)


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(hue, saturation, value))
