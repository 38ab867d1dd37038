"""Draws a rider: the same on every vehicle, so that riders do not reveal what they ride."""

from __future__ import annotations

from random import Random

from scones.images.drawn.colours import BLACK, cloth, paint, skin
from scones.images.drawn.pen import Pen, Point, chance, offset


def draw_rider(pen: Pen, rng: Random, hip: Point, hand: Point, foot: Point) -> None:
    """A person seated at `hip`, holding on at `hand`, with a foot on `foot`."""
    shirt = cloth(rng)
    trousers = cloth(rng)
    shoulder = offset(
        hip,
        rng.uniform(0.1, 0.34),
        rng.uniform(0.42, 0.54),
    )
    knee = (
        hip[0] + rng.uniform(0.3, 0.4),
        (hip[1] + foot[1]) / 2 + 0.12,
    )
    pen.line([hip, knee, foot], 0.13, trousers)
    toe = offset(foot, 0.12, -0.02)
    pen.line([foot, toe], 0.07, BLACK)
    pen.line([hip, shoulder], 0.22, shirt)
    pen.disc(shoulder, 0.1, shirt)
    elbow = (
        (shoulder[0] + hand[0]) / 2 - 0.02,
        (shoulder[1] + hand[1]) / 2 - 0.08,
    )
    pen.line([shoulder, elbow, hand], 0.08, shirt)
    head = offset(shoulder, 0.08, 0.17)
    pen.disc(head, 0.12, skin(rng))
    if chance(rng, 0.7):
        helmet = offset(head, -0.02, 0.05)
        pen.disc(helmet, 0.125, paint(rng), flat=0.8)
