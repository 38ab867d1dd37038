"""Draws a bus from the side."""

from __future__ import annotations

from random import Random

from scones.images.drawn.colours import BLACK, RUBBER, STEEL, grey, paint, shade
from scones.images.drawn.pen import Pen


def bus(pen: Pen, rng: Random) -> None:
    """The wheels stand at height -0.36, about 1.1 apart."""
    colour, length, roof = paint(rng), rng.uniform(0.85, 1.05), rng.uniform(0.5, 0.85)
    pen.shape(
        [
            (-length, -0.2),
            (-length, roof),
            (length - 0.06, roof),
            (length, roof * 0.4),
            (length, -0.2),
        ],
        colour,
    )
    pen.line([(-length, 0.12), (length, 0.12)], rng.uniform(0.03, 0.12), paint(rng))
    glass = shade(grey(rng, 40, 190), 0.9)
    panes = rng.randint(3, 6)
    pitch = (2 * length - 0.3) / panes
    for pane in range(panes):
        left = -length + 0.06 + pane * pitch
        bottom = roof * 0.45
        pen.shape(
            [
                (left, bottom),
                (left, roof - 0.1),
                (left + pitch * 0.85, roof - 0.1),
                (left + pitch * 0.85, bottom),
            ],
            glass,
        )
    pen.shape(
        [
            (length - 0.22, 0),
            (length - 0.22, roof - 0.1),
            (length - 0.06, roof - 0.1),
            (length - 0.03, 0),
        ],
        glass,
    )
    for x in (-length * 0.6, length * 0.58):
        pen.disc((x, -0.17), 0.2, BLACK)
        pen.disc((x, -0.19), 0.17, RUBBER)
        pen.disc((x, -0.19), 0.08, STEEL)
    pen.disc((length - 0.04, -0.06), 0.05, (245, 240, 190))
