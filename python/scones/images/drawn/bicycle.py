"""Draws a bicycle from the side: thin wheels, an open frame of tubes."""

from __future__ import annotations

import math
from random import Random

from scones.images.drawn.colours import BLACK, CHROME, RUBBER, STEEL, cloth, grey, paint, shade
from scones.images.drawn.pen import Colour, Pen, Point, arc
from scones.images.drawn.rider import ride

REAR, FRONT = (-0.58, 0.0), (0.58, 0.0)


def bicycle(pen: Pen, rng: Random) -> None:
    """The axles lie at height 0, 1.16 apart."""
    colour = paint(rng)
    tube = rng.uniform(0.035, 0.075)
    radius = rng.uniform(0.34, 0.44)
    seat, head = (-0.22, rng.uniform(0.42, 0.58)), (0.38, rng.uniform(0.42, 0.56))
    saddle = (seat[0] - 0.04, seat[1] + rng.uniform(0.06, 0.16))
    grip = (head[0] + rng.uniform(-0.12, 0.14), head[1] + rng.uniform(0.1, 0.24))
    _wheel(pen, rng, REAR, radius)
    _wheel(pen, rng, FRONT, radius * rng.choice((1, 1, 1, 0.8)))
    _luggage(pen, rng, radius)
    _frame(pen, rng, colour, tube, seat, head)
    _crank(pen, rng, (-0.08, -0.04))
    pen.line([seat, saddle], tube * 0.8, STEEL)
    pen.line(
        [(saddle[0] - 0.13, saddle[1] + 0.02), (saddle[0] + 0.13, saddle[1])],
        rng.uniform(0.05, 0.09),
        BLACK,
    )
    pen.line([head, (head[0] - 0.03, grip[1] - 0.03), grip], tube * 0.8, STEEL)
    pen.line(
        [grip, (grip[0] - rng.uniform(0.06, 0.16), grip[1] - rng.uniform(-0.04, 0.1))], 0.06, BLACK
    )
    if rng.random() < 0.22:
        ride(pen, rng, hip=(saddle[0], saddle[1] + 0.06), hand=grip, foot=(-0.05, -0.2))


def _wheel(pen: Pen, rng: Random, axle: Point, radius: float) -> None:
    for spoke in range(rng.choice((0, 5, 8))):
        angle = math.pi * spoke / 8 + 0.2
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        pen.line(
            [(axle[0] - x, axle[1] - y), (axle[0] + x, axle[1] + y)],
            0.01,
            (*grey(rng, 120, 200), 110),
        )
    pen.ring(
        axle,
        radius,
        rng.uniform(0.035, 0.085),
        RUBBER if rng.random() < 0.85 else grey(rng, 60, 160),
    )
    pen.ring(axle, radius * 0.9, 0.02, (*CHROME, 130))
    pen.disc(axle, 0.045, STEEL)
    if rng.random() < 0.3:
        pen.line(arc(axle, radius * 1.12, 0.3, 2.6), 0.04, grey(rng, 40, 200))


def _frame(pen: Pen, rng: Random, colour: Colour, tube: float, seat: Point, head: Point) -> None:
    crank = (-0.08, -0.04)
    low = (head[0] + 0.03, head[1] - 0.12)
    if rng.random() < 0.25:  # step-through
        pen.line([(seat[0] + 0.06, 0.1), low], tube, colour)
    else:
        pen.line([seat, head], tube, colour)
    if rng.random() < 0.18:  # the bag or battery that fills a frame
        pen.shape([seat, head, low, (-0.1, 0.08)], shade(cloth(rng), 0.7))
    pen.line([seat, crank, low, head], tube, colour)
    pen.line([crank, REAR, seat], tube * 0.8, colour)
    pen.line([head, FRONT], tube, colour if rng.random() < 0.6 else STEEL)


def _crank(pen: Pen, rng: Random, centre: Point) -> None:
    pen.line([centre, (REAR[0], 0.02)], 0.02, BLACK)
    pen.ring(centre, rng.uniform(0.06, 0.1), 0.03, STEEL)
    angle = rng.uniform(0, math.pi)
    x, y = 0.17 * math.cos(angle), 0.17 * math.sin(angle)
    pen.line([(centre[0] - x, centre[1] - y), (centre[0] + x, centre[1] + y)], 0.035, BLACK)
    if rng.random() < 0.15:  # chain guard
        pen.shape([(REAR[0], 0.08), (0.02, 0.06), (0.02, -0.12), (REAR[0], -0.05)], paint(rng))


def _luggage(pen: Pen, rng: Random, radius: float) -> None:
    top = radius * 1.15
    if rng.random() < 0.25:
        pen.line([(REAR[0] - 0.2, top), (REAR[0] + 0.34, top)], 0.035, STEEL)
    if rng.random() < 0.15:
        pen.shape(
            [(-0.78, top), (-0.42, top), (-0.44, top - 0.36), (-0.74, top - 0.36)], cloth(rng)
        )
    if rng.random() < 0.15:
        pen.shape(
            [(0.46, 0.72), (0.82, 0.72), (0.76, 0.46), (0.5, 0.46)], (*shade(cloth(rng), 0.8), 220)
        )
