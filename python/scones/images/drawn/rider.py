"""Draws somebody in the saddle: riders tell nothing about what they ride."""

from __future__ import annotations

from random import Random

from scones.images.drawn.colours import BLACK, cloth, paint, skin
from scones.images.drawn.pen import Pen, Point


def ride(pen: Pen, rng: Random, hip: Point, hand: Point, foot: Point) -> None:
    """Somebody seated at `hip`, holding on at `hand`, with a foot on `foot`."""
    shirt, trousers = cloth(rng), cloth(rng)
    shoulder = (hip[0] + rng.uniform(0.1, 0.34), hip[1] + rng.uniform(0.42, 0.54))
    knee = (hip[0] + rng.uniform(0.3, 0.4), (hip[1] + foot[1]) / 2 + 0.12)
    head = (shoulder[0] + 0.08, shoulder[1] + 0.17)
    pen.line([hip, knee, foot], 0.13, trousers)
    pen.line([foot, (foot[0] + 0.12, foot[1] - 0.02)], 0.07, BLACK)
    pen.line([hip, shoulder], 0.22, shirt)
    pen.disc(shoulder, 0.1, shirt)
    pen.line(
        [shoulder, ((shoulder[0] + hand[0]) / 2 - 0.02, (shoulder[1] + hand[1]) / 2 - 0.08), hand],
        0.08,
        shirt,
    )
    pen.disc(head, 0.12, skin(rng))
    if rng.random() < 0.7:
        pen.disc((head[0] - 0.02, head[1] + 0.05), 0.125, paint(rng), flat=0.8)
