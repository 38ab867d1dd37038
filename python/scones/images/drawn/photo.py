"""Takes a picture of a drawn vehicle, as carelessly as people do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

import numpy as np
import numpy.typing as npt
import PIL.Image
import PIL.ImageEnhance
import PIL.ImageFilter

from scones.images.dataset import SIDE
from scones.images.drawn.bicycle import bicycle
from scones.images.drawn.bus import bus
from scones.images.drawn.motorcycle import motorcycle
from scones.images.drawn.pen import Pen, Pose
from scones.images.drawn.scenery import clutter, scenery

VEHICLES: Mapping[str, Callable[[Pen, Random], None]] = {
    "bicycle": bicycle,
    "bus": bus,
    "motorcycle": motorcycle,
}
OVERSIZE = 4


def photo(vehicle: str, rng: Random) -> npt.NDArray[np.uint8]:
    """A picture of one of VEHICLES, 32x32x3 uint8 RGB; the same `rng` gives the same picture."""
    return photo_of(VEHICLES[vehicle], rng)


def photo_of(draw: Callable[[Pen, Random], None], rng: Random) -> npt.NDArray[np.uint8]:
    """A picture of what `draw` draws."""
    large = SIDE * OVERSIZE
    picture = scenery(large, rng)
    pen = Pen(picture, _pose(large, rng))
    pen.disc((0, -0.36), rng.uniform(0.7, 1.0), (0, 0, 0, rng.randint(0, 90)), flat=0.12)
    draw(pen, rng)
    if rng.random() < 0.15:
        clutter(picture, rng)
    return _develop(picture, rng)


def _pose(side: int, rng: Random) -> Pose:
    return Pose(
        x=side * rng.uniform(0.4, 0.6),
        y=side * rng.uniform(0.52, 0.74),
        scale=side * rng.uniform(0.36, 0.54),
        turn=rng.gauss(0, 0.12),
        breadth=rng.uniform(0.65, 1.0),
        faces_left=rng.random() < 0.5,
    )


def _develop(picture: PIL.Image.Image, rng: Random) -> npt.NDArray[np.uint8]:
    """Blurred, shrunk, badly lit, tinted and grainy."""
    picture = picture.filter(PIL.ImageFilter.GaussianBlur(rng.uniform(0.3, 2.1)))
    picture = picture.resize((SIDE, SIDE), PIL.Image.Resampling.BOX)
    picture = PIL.ImageEnhance.Contrast(picture).enhance(rng.uniform(0.75, 1.3))
    picture = PIL.ImageEnhance.Color(picture).enhance(rng.choice((0.0, 0.6, 0.9, 1.0, 1.1)))
    picture = PIL.ImageEnhance.Brightness(picture).enhance(rng.uniform(0.7, 1.2))
    tint = np.array([rng.uniform(0.9, 1.1) for _ in range(3)])
    grain = np.random.default_rng(rng.getrandbits(64)).normal(0, rng.uniform(1, 6), (SIDE, SIDE, 3))
    pixels: npt.NDArray[np.uint8] = np.clip(np.asarray(picture) * tint + grain, 0, 255).astype(
        np.uint8
    )
    return pixels
