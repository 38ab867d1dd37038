"""Draws on an image in a vehicle's own coordinates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from PIL.ImageDraw import ImageDraw

Point = tuple[float, float]
Colour = tuple[int, ...]
SMOOTHNESS = 24


@dataclass(frozen=True)
class Pen:
    """Draws with x forward and y up; colours may carry an opacity as fourth value.

    Attributes:
        canvas: what is drawn on.
        x, y: the vehicle's origin, in pixels.
        scale: pixels per unit of length; line widths are in the same unit.
        turn: rotation in radians.
        breadth: 1 seen from the side, 0.3 nearly from the front.
        faces_left: whether the vehicle is mirrored.
    """

    canvas: ImageDraw
    x: float
    y: float
    scale: float
    turn: float
    breadth: float
    faces_left: bool

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        pixels = max(1, round(width * self.scale))
        self.canvas.line(
            self._place(points),
            colour,
            pixels,
            joint="curve",
        )

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        self.canvas.polygon(self._place(points), colour)

    def box(self, left: float, bottom: float, right: float, top: float, colour: Colour) -> None:
        corners = [
            (left, bottom),
            (left, top),
            (right, top),
            (right, bottom),
        ]
        self.shape(corners, colour)

    def disc(self, centre: Point, radius: float, colour: Colour, flat: float = 1.0) -> None:
        """A disc, or with `flat` below 1 an ellipse of less height."""
        self.shape(
            arc(
                centre,
                radius,
                0,
                2 * math.pi,
                flat,
            ),
            colour,
        )

    def ring(self, centre: Point, radius: float, width: float, colour: Colour) -> None:
        self.line(
            arc(
                centre,
                radius,
                0,
                2 * math.pi + 0.3,
            ),
            width,
            colour,
        )

    def _place(self, points: Sequence[Point]) -> list[Point]:
        """The pixels of `points`."""
        direction = -1 if self.faces_left else 1
        cos = math.cos(self.turn)
        sin = math.sin(self.turn)
        pixels = []
        for forward, up in points:
            seen = forward * self.breadth * direction
            right = self.scale * (seen * cos - up * sin)
            above = self.scale * (seen * sin + up * cos)
            pixels.append((self.x + right, self.y - above))
        return pixels


def arc(centre: Point, radius: float, start: float, end: float, flat: float = 1.0) -> list[Point]:
    """Points of an arc, counter-clockwise from `start` to `end` in radians from the x axis."""
    points = []
    for step in range(SMOOTHNESS + 1):
        angle = start + (end - start) * step / SMOOTHNESS
        right = radius * math.cos(angle)
        above = radius * flat * math.sin(angle)
        points.append(offset(centre, right, above))
    return points


def offset(point: Point, forward: float, up: float) -> Point:
    """The point that lies so far in front of and above `point`."""
    x, y = point
    return x + forward, y + up


def chance(rng: Random, probability: float) -> bool:
    """True with this probability."""
    return rng.random() < probability
