"""Draws on a picture in a vehicle's own coordinates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import PIL.Image
import PIL.ImageDraw

Point = tuple[float, float]
Colour = tuple[int, ...]
SMOOTHNESS = 24


@dataclass(frozen=True)
class Pose:
    """Where a vehicle stands: its origin in pixels, pixels per unit, turn in radians, how far it is seen from the front
    (1 = from the side, 0.3 = nearly from the front), and whether it faces left."""

    x: float
    y: float
    scale: float
    turn: float = 0.0
    breadth: float = 1.0
    faces_left: bool = False

    def place(self, point: Point) -> Point:
        """The pixel of a point (x forward, y up)."""
        x = point[0] * self.breadth * (-1 if self.faces_left else 1)
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return self.x + self.scale * (x * cos - point[1] * sin), self.y - self.scale * (
            x * sin + point[1] * cos
        )


class Pen:
    """Lengths and widths are in the pose's units; colours may carry an opacity as fourth value."""

    def __init__(self, picture: PIL.Image.Image, pose: Pose) -> None:
        self._draw = PIL.ImageDraw.Draw(picture, "RGBA")
        self._pose = pose

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        pixels = max(1, round(width * self._pose.scale))
        self._draw.line(
            [self._pose.place(point) for point in points], colour, pixels, joint="curve"
        )

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        self._draw.polygon([self._pose.place(point) for point in points], colour)

    def disc(self, centre: Point, radius: float, colour: Colour, flat: float = 1.0) -> None:
        """A disc, or with `flat` below 1 an ellipse of less height."""
        self.shape(arc(centre, radius, 0, 2 * math.pi, flat), colour)

    def ring(self, centre: Point, radius: float, width: float, colour: Colour) -> None:
        self.line(arc(centre, radius, 0, 2 * math.pi + 0.3), width, colour)


def arc(centre: Point, radius: float, start: float, end: float, flat: float = 1.0) -> list[Point]:
    """Points of an arc, counter-clockwise from `start` to `end` in radians from the forward direction."""
    angles = (start + (end - start) * step / SMOOTHNESS for step in range(SMOOTHNESS + 1))
    return [
        (centre[0] + radius * math.cos(a), centre[1] + radius * flat * math.sin(a)) for a in angles
    ]
