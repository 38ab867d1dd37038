"""Draws a motorcycle from the side: fat wheels, a body filled with engine and tank."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from scones.images.drawn.colours import BLACK, CHROME, RUBBER, STEEL, cloth, grey, paint, shade
from scones.images.drawn.pen import Colour, Pen, Point, arc, chance, offset
from scones.images.drawn.rider import draw_rider


@dataclass(frozen=True)
class Build:
    """The measures that distinguish one kind of motorcycle from another, in the pen's unit."""

    radius: float
    tyre: float
    front: float
    tank: float
    seat: float
    bars: float
    fairing: bool = False
    step_through: bool = False


# radius, tyre, front, tank, seat, bars
CRUISER = Build(0.31, 0.13, 0.74, 0.4, 0.28, 0.72)
STANDARD = Build(0.33, 0.11, 0.62, 0.47, 0.42, 0.68)
SPORT = Build(0.31, 0.13, 0.58, 0.5, 0.5, 0.56, fairing=True)
OFF_ROAD = Build(0.36, 0.085, 0.64, 0.5, 0.54, 0.76)
SCOOTER = Build(0.24, 0.11, 0.56, 0.3, 0.44, 0.74, step_through=True)
MOPED = Build(0.36, 0.07, 0.58, 0.34, 0.46, 0.7)
# The commoner kinds come twice.
BUILDS = (
    CRUISER,
    CRUISER,
    STANDARD,
    STANDARD,
    SPORT,
    SPORT,
    OFF_ROAD,
    SCOOTER,
    MOPED,
)
REAR = (-0.58, 0.0)


def draw_motorcycle(pen: Pen, rng: Random) -> None:
    """The axles lie at height 0, 1.14 to 1.32 apart."""
    build = rng.choice(BUILDS)
    colour = paint(rng)
    front = (build.front, 0.0)
    head = (build.front - 0.27, build.bars - 0.16)
    grip = (head[0] - 0.06, build.bars)
    _draw_wheel(pen, rng, REAR, build)
    _draw_wheel(pen, rng, front, build)
    fork = CHROME if chance(rng, 0.6) else STEEL
    pen.line([head, front], 0.07, fork)
    if build.step_through:
        _draw_scooter_body(pen, colour, build, head)
    else:
        _draw_engine(pen, rng, build)
        _draw_tank(pen, rng, colour, build, head)
        _draw_exhaust(pen, rng)
    _draw_seat(pen, rng, build)
    front_mudguard = arc(front, build.radius * 1.2, 0.9, 2.4)
    pen.line(front_mudguard, 0.06, colour)
    pen.line([head, grip], 0.05, STEEL)
    grip_end = offset(grip, -0.1, 0.02)
    pen.line([grip, grip_end], 0.06, BLACK)
    headlight = offset(head, 0.1, -0.02)
    pen.disc(
        headlight,
        rng.uniform(0.06, 0.1),
        (235, 232, 205),
    )
    if build.fairing:
        _draw_fairing(pen, rng, colour, head)
    if chance(rng, 0.22):
        draw_rider(
            pen,
            rng,
            hip=(-0.25, build.seat + 0.12),
            hand=grip,
            foot=(-0.05, -0.16),
        )


def _draw_wheel(pen: Pen, rng: Random, axle: Point, build: Build) -> None:
    shine = (*CHROME, 160)
    inner = build.radius - build.tyre / 2
    if chance(rng, 0.5):
        metal = grey(rng, 60, 190)
        pen.disc(axle, inner, (*metal, 200))
    pen.ring(axle, inner, build.tyre, RUBBER)
    pen.ring(
        axle,
        inner - build.tyre / 2,
        0.025,
        shine,
    )
    pen.disc(axle, 0.08, STEEL)
    fork_end = offset(axle, 0.1, 0.2)
    pen.line([axle, fork_end], 0.03, shine)


def _draw_engine(pen: Pen, rng: Random, build: Build) -> None:
    metal = grey(rng, 35, 130)
    width = rng.uniform(0.17, 0.26)
    if chance(rng, 0.8):
        block = [
            (-width - 0.06, -0.16),
            (width, -0.16),
            (width + 0.08, 0.2),
            (-width, 0.24),
        ]
        pen.shape(block, metal)
    pen.disc(
        (-0.08, -0.04),
        0.15,
        shade(metal, 1.35),
    )
    pen.line(
        [(-0.3, 0.1), REAR],
        0.06,
        STEEL,
    )
    cylinder = [
        (0.02, 0.0),
        (0.14, build.tank - 0.06),
    ]
    pen.line(cylinder, 0.1, shade(metal, 1.6))


def _draw_tank(pen: Pen, rng: Random, colour: Colour, build: Build, head: Point) -> None:
    height = build.tank
    body = [
        (-0.2, height - 0.16),
        (-0.08, height + 0.08),
        head,
        (head[0] - 0.02, height - 0.2),
    ]
    pen.shape(body, colour)
    bulge = rng.uniform(0.13, 0.18)
    pen.disc((0.1, height), bulge, colour, flat=0.75)
    highlight = [
        (-0.02, height + 0.03),
        (0.18, height + 0.05),
    ]
    light = shade(colour, 1.6)
    pen.line(highlight, 0.03, (*light, 170))
    if chance(rng, 0.5):
        side_cover = [
            (-0.42, 0.12),
            (-0.12, 0.12),
            (-0.16, height - 0.12),
            (-0.4, height - 0.14),
        ]
        pen.shape(side_cover, colour)


def _draw_seat(pen: Pen, rng: Random, build: Build) -> None:
    height = build.seat
    tail = -0.58 - rng.uniform(0, 0.16)
    cushion = [
        (-0.16, height),
        (-0.36, height - 0.02),
        (tail, height + 0.06),
    ]
    pen.line(cushion, rng.uniform(0.08, 0.13), BLACK)
    rear_mudguard = arc(REAR, build.radius * 1.2, 0.9, 2.7)
    pen.line(rear_mudguard, 0.05, grey(rng, 30, 120))
    if chance(rng, 0.2):
        pannier = [
            (tail - 0.06, height),
            (tail + 0.18, height),
            (tail + 0.16, height - 0.3),
            (tail, height - 0.3),
        ]
        pen.shape(pannier, cloth(rng))


def _draw_exhaust(pen: Pen, rng: Random) -> None:
    colour = CHROME if chance(rng, 0.7) else BLACK
    pipe = [
        (0.2, 0.1),
        (0.1, -0.17),
        (-0.4, -0.17),
        (-0.78, rng.uniform(-0.16, 0.1)),
    ]
    pen.line(pipe, 0.06, colour)


def _draw_scooter_body(pen: Pen, colour: Colour, build: Build, head: Point) -> None:
    rear = [
        (-0.82, 0.1),
        (-0.78, 0.36),
        (-0.2, build.seat - 0.06),
        (-0.12, -0.08),
        (-0.3, -0.12),
    ]
    pen.shape(rear, colour)
    footboard = [
        (-0.2, -0.1),
        (0.22, -0.1),
        (0.3, 0.0),
        head,
    ]
    pen.line(footboard, 0.1, colour)
    leg_shield = [
        (0.2, 0.0),
        offset(head, -0.02, 0),
        offset(head, 0.12, -0.04),
        (0.42, 0.1),
    ]
    pen.shape(leg_shield, colour)


def _draw_fairing(pen: Pen, rng: Random, colour: Colour, head: Point) -> None:
    shell = [
        offset(head, -0.08, 0.08),
        offset(head, 0.26, -0.1),
        (0.3, -0.12),
        (-0.1, -0.14),
        (0.1, 0.3),
    ]
    pen.shape(shell, colour)
    nose = head[0] + 0.26 - 0.06
    windscreen = [
        offset(head, 0, 0.06),
        offset(head, 0.04, 0.22),
        (nose, head[1]),
    ]
    pen.shape(windscreen, (*CHROME, 150))
    if chance(rng, 0.6):
        stripe = [
            (0.02, 0.24),
            (nose, head[1] - 0.12),
        ]
        pen.line(stripe, 0.07, paint(rng))
