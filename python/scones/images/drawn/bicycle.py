"""Draws a bicycle from the side: thin wheels, an open frame of tubes."""

from __future__ import annotations

import math
from random import Random

from scones.images.drawn.colours import BLACK, CHROME, RUBBER, STEEL, cloth, grey, paint, shade
from scones.images.drawn.pen import Colour, Pen, Point, arc, chance, offset
from scones.images.drawn.rider import draw_rider

REAR = (-0.58, 0.0)
FRONT = (0.58, 0.0)
CRANK = (-0.08, -0.04)


def draw_bicycle(pen: Pen, rng: Random) -> None:
    """The axles lie at height 0, 1.16 apart."""
    colour = paint(rng)
    tube = rng.uniform(0.035, 0.075)
    radius = rng.uniform(0.34, 0.44)
    seat = (-0.22, rng.uniform(0.42, 0.58))
    head = (0.38, rng.uniform(0.42, 0.56))
    saddle = offset(
        seat,
        -0.04,
        rng.uniform(0.06, 0.16),
    )
    grip = offset(
        head,
        rng.uniform(-0.12, 0.14),
        rng.uniform(0.1, 0.24),
    )
    _draw_wheel(pen, rng, REAR, radius)
    front_size = rng.choice((1, 1, 1, 0.8))
    _draw_wheel(pen, rng, FRONT, radius * front_size)
    _draw_luggage(pen, rng, radius)
    _draw_frame(pen, rng, colour, tube, seat, head)
    _draw_crank(pen, rng)
    _draw_saddle(pen, rng, tube, seat, saddle)
    _draw_handlebar(pen, rng, tube, head, grip)
    if chance(rng, 0.22):
        draw_rider(
            pen,
            rng,
            hip=offset(saddle, 0, 0.06),
            hand=grip,
            foot=(-0.05, -0.2),
        )


def _draw_wheel(pen: Pen, rng: Random, axle: Point, radius: float) -> None:
    for spoke in range(rng.choice((0, 5, 8))):
        angle = math.pi * spoke / 8 + 0.2
        metal = grey(rng, 120, 200)
        pen.line(
            _diameter(axle, radius, angle),
            0.01,
            (*metal, 110),
        )
    width = rng.uniform(0.035, 0.085)
    tyre = RUBBER if chance(rng, 0.85) else grey(rng, 60, 160)
    pen.ring(axle, radius, width, tyre)
    pen.ring(
        axle,
        radius * 0.9,
        0.02,
        (*CHROME, 130),
    )
    pen.disc(axle, 0.045, STEEL)
    if chance(rng, 0.3):
        mudguard = arc(axle, radius * 1.12, 0.3, 2.6)
        pen.line(mudguard, 0.04, grey(rng, 40, 200))


def _draw_frame(
    pen: Pen, rng: Random, colour: Colour, tube: float, seat: Point, head: Point
) -> None:
    low = offset(head, 0.03, -0.12)
    top_tube = [seat, head]
    if chance(rng, 0.25):  # step-through
        top_tube = [(seat[0] + 0.06, 0.1), low]
    pen.line(top_tube, tube, colour)
    if chance(rng, 0.18):  # the bag or battery that fills a frame
        bag = [
            seat,
            head,
            low,
            (-0.1, 0.08),
        ]
        pen.shape(bag, shade(cloth(rng), 0.7))
    pen.line([seat, CRANK, low, head], tube, colour)
    pen.line(
        [CRANK, REAR, seat],
        tube * 0.8,
        colour,
    )
    fork = colour if chance(rng, 0.6) else STEEL
    pen.line([head, FRONT], tube, fork)


def _draw_crank(pen: Pen, rng: Random) -> None:
    chain = [CRANK, (REAR[0], 0.02)]
    pen.line(chain, 0.02, BLACK)
    pen.ring(
        CRANK,
        rng.uniform(0.06, 0.1),
        0.03,
        STEEL,
    )
    angle = rng.uniform(0, math.pi)
    pedals = _diameter(CRANK, 0.17, angle)
    pen.line(pedals, 0.035, BLACK)
    if chance(rng, 0.15):
        chain_guard = [
            (REAR[0], 0.08),
            (0.02, 0.06),
            (0.02, -0.12),
            (REAR[0], -0.05),
        ]
        pen.shape(chain_guard, paint(rng))


def _draw_saddle(pen: Pen, rng: Random, tube: float, seat: Point, saddle: Point) -> None:
    pen.line(
        [seat, saddle],
        tube * 0.8,
        STEEL,
    )
    ends = [
        offset(saddle, -0.13, 0.02),
        offset(saddle, 0.13, 0),
    ]
    pen.line(ends, rng.uniform(0.05, 0.09), BLACK)


def _draw_handlebar(pen: Pen, rng: Random, tube: float, head: Point, grip: Point) -> None:
    stem = [
        head,
        (head[0] - 0.03, grip[1] - 0.03),
        grip,
    ]
    pen.line(stem, tube * 0.8, STEEL)
    end = offset(
        grip,
        -rng.uniform(0.06, 0.16),
        -rng.uniform(-0.04, 0.1),
    )
    pen.line([grip, end], 0.06, BLACK)


def _draw_luggage(pen: Pen, rng: Random, radius: float) -> None:
    top = radius * 1.15
    low = top - 0.36
    if chance(rng, 0.25):
        rack = [
            (REAR[0] - 0.2, top),
            (REAR[0] + 0.34, top),
        ]
        pen.line(rack, 0.035, STEEL)
    if chance(rng, 0.15):
        bag = [
            (-0.78, top),
            (-0.42, top),
            (-0.44, low),
            (-0.74, low),
        ]
        pen.shape(bag, cloth(rng))
    if chance(rng, 0.15):
        basket = [
            (0.46, 0.72),
            (0.82, 0.72),
            (0.76, 0.46),
            (0.5, 0.46),
        ]
        wicker = shade(cloth(rng), 0.8)
        pen.shape(basket, (*wicker, 220))


def _diameter(centre: Point, radius: float, angle: float) -> list[Point]:
    x = radius * math.cos(angle)
    y = radius * math.sin(angle)
    return [
        offset(centre, -x, -y),
        offset(centre, x, y),
    ]
