"""Draws a bus from the side."""

from __future__ import annotations

from random import Random

from scones.images.drawn.colours import BLACK, RUBBER, STEEL, grey, paint, shade
from scones.images.drawn.pen import Pen


def draw_bus(pen: Pen, rng: Random) -> None:
    """The wheels stand at height -0.36, about 1.1 apart."""
    colour = paint(rng)
    length = rng.uniform(0.85, 1.05)
    roof = rng.uniform(0.5, 0.85)
    body = [
        (-length, -0.2),
        (-length, roof),
        (length - 0.06, roof),
        (length, roof * 0.4),
        (length, -0.2),
    ]
    pen.shape(body, colour)
    stripe = [(-length, 0.12), (length, 0.12)]
    pen.line(
        stripe,
        rng.uniform(0.03, 0.12),
        paint(rng),
    )
    glass = shade(grey(rng, 40, 190), 0.9)
    window_top = roof - 0.1
    panes = rng.randint(3, 6)
    pitch = (2 * length - 0.3) / panes
    for pane in range(panes):
        left = -length + 0.06 + pane * pitch
        pen.box(
            left,
            roof * 0.45,
            left + pitch * 0.85,
            window_top,
            glass,
        )
    windscreen = [
        (length - 0.22, 0),
        (length - 0.22, window_top),
        (length - 0.06, window_top),
        (length - 0.03, 0),
    ]
    pen.shape(windscreen, glass)
    for x in (-length * 0.6, length * 0.58):
        pen.disc((x, -0.17), 0.2, BLACK)
        pen.disc((x, -0.19), 0.17, RUBBER)
        pen.disc((x, -0.19), 0.08, STEEL)
    headlight = (length - 0.04, -0.06)
    pen.disc(headlight, 0.05, (245, 240, 190))
