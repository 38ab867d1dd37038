"""What can go wrong with the pictures on a road: pure functions of an image, a strength from 0 to 1, and a generator.

An image is uint8 [height, width, 3]; strength 0 changes nothing. There is no mirroring and no shifting on top: what
tells drifted traffic from other traffic shall be the drift alone, so that whatever notices it has noticed that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import PIL.Image
import PIL.ImageFilter

Image = npt.NDArray[np.uint8]
Transformation = Callable[[Image, float, np.random.Generator], Image]

# Each drift with the strength that it has unless STRENGTH says otherwise: plain to see, and still a vehicle.
STRENGTHS: Mapping[str, float] = {
    "none": 0.0,
    "dark": 0.7,
    "blur": 0.35,
    "noise": 0.25,
    "shift-classes": 0.8,
    "new-objects": 0.5,
}


def dark(image: Image, strength: float, _rng: np.random.Generator) -> Image:
    """As at dusk; strength 1 is black."""
    return (image * (1 - strength)).round().astype(np.uint8)


def blur(image: Image, strength: float, _rng: np.random.Generator) -> Image:
    """Out of focus; at strength 1 the radius is an eighth of the shorter side."""
    radius = strength * min(image.shape[:2]) / 8
    return np.asarray(PIL.Image.fromarray(image).filter(PIL.ImageFilter.GaussianBlur(radius)))


def noise(image: Image, strength: float, rng: np.random.Generator) -> Image:
    """As a sensor in the dark; at strength 1 the standard deviation is half of the range."""
    grain = rng.normal(0, strength * 128, image.shape)
    return np.clip(image + grain, 0, 255).round().astype(np.uint8)


TRANSFORMATIONS: Mapping[str, Transformation] = {"dark": dark, "blur": blur, "noise": noise}
