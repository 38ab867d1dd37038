"""Drifts of the images on a road: pure functions of an image, a strength, and a generator.

An image is uint8 [height, width, 3]; strength goes from 0 to 1, and 0 changes nothing. There is no
mirroring or shifting in addition: drifted traffic differs by the drift alone, so that whatever
detects a difference has detected the drift.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL.Image import fromarray
from PIL.ImageFilter import GaussianBlur

from scones.images.dataset import Pixels

Transformation = Callable[[Pixels, float, np.random.Generator], Pixels]

# Each drift's default strength: easy to see, and the image still shows a vehicle.
STRENGTHS = {
    "none": 0.0,
    "dark": 0.7,
    "blur": 0.35,
    "noise": 0.25,
    "shift-classes": 0.8,
    "new-objects": 0.5,
}


def dark(image: Pixels, strength: float, _rng: np.random.Generator) -> Pixels:
    """As at dusk; strength 1 is black."""
    return _as_pixels(image * (1 - strength))


def blur(image: Pixels, strength: float, _rng: np.random.Generator) -> Pixels:
    """Out of focus; at strength 1 the radius is an eighth of the shorter side."""
    shorter_side = min(image.shape[:2])
    kernel = GaussianBlur(strength * shorter_side / 8)
    return np.asarray(fromarray(image).filter(kernel))


def noise(image: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """As a sensor in the dark; at strength 1 the standard deviation is half of the range."""
    grain = rng.normal(0, strength * 128, image.shape)
    return _as_pixels(image + grain)


def _as_pixels(values: npt.NDArray[np.floating]) -> Pixels:
    image: Pixels = np.clip(values, 0, 255).round().astype(np.uint8)
    return image


TRANSFORMATIONS: dict[str, Transformation] = {
    "dark": dark,
    "blur": blur,
    "noise": noise,
}
