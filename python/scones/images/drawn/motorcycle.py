"""Draws a motorcycle from the side: fat wheels, a body filled with engine and tank."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from scones.images.drawn.colours import BLACK, CHROME, RUBBER, STEEL, cloth, grey, paint, shade
from scones.images.drawn.pen import Colour, Pen, Point, arc
from scones.images.drawn.rider import ride


@dataclass(frozen=True)
class Build:
    """What tells one kind of motorcycle from another, in lengths of the pen's unit."""

    radius: float
    tyre: float
    front: float
    tank: float
    seat: float
    bars: float
    fairing: bool = False
    step_through: bool = False


CRUISER = Build(radius=0.31, tyre=0.13, front=0.74, tank=0.4, seat=0.28, bars=0.72)
STANDARD = Build(radius=0.33, tyre=0.11, front=0.62, tank=0.47, seat=0.42, bars=0.68)
SPORT = Build(radius=0.31, tyre=0.13, front=0.58, tank=0.5, seat=0.5, bars=0.56, fairing=True)
OFF_ROAD = Build(radius=0.36, tyre=0.085, front=0.64, tank=0.5, seat=0.54, bars=0.76)
SCOOTER = Build(
    radius=0.24, tyre=0.11, front=0.56, tank=0.3, seat=0.44, bars=0.74, step_through=True
)
MOPED = Build(radius=0.36, tyre=0.07, front=0.58, tank=0.34, seat=0.46, bars=0.7)
REAR = (-0.58, 0.0)


def motorcycle(pen: Pen, rng: Random) -> None:
    """The axles lie at height 0, 1.14 to 1.32 apart."""
    build = rng.choice(
        (CRUISER, CRUISER, STANDARD, STANDARD, SPORT, SPORT, OFF_ROAD, SCOOTER, MOPED)
    )
    colour = paint(rng)
    front, head = (build.front, 0.0), (build.front - 0.27, build.bars - 0.16)
    grip = (head[0] - 0.06, build.bars)
    _wheel(pen, rng, REAR, build)
    _wheel(pen, rng, front, build)
    pen.line([head, front], 0.07, CHROME if rng.random() < 0.6 else STEEL)
    if build.step_through:
        _scooter(pen, colour, build, head)
    else:
        _engine(pen, rng, build)
        _tank(pen, rng, colour, build, head)
        _exhaust(pen, rng)
    _seat(pen, rng, build)
    pen.line(arc(front, build.radius * 1.2, 0.9, 2.4), 0.06, colour)
    pen.line([head, grip], 0.05, STEEL)
    pen.line([grip, (grip[0] - 0.1, grip[1] + 0.02)], 0.06, BLACK)
    pen.disc((head[0] + 0.1, head[1] - 0.02), rng.uniform(0.06, 0.1), (235, 232, 205))
    if build.fairing:
        _fairing(pen, rng, colour, head)
    if rng.random() < 0.22:
        ride(pen, rng, hip=(-0.25, build.seat + 0.12), hand=grip, foot=(-0.05, -0.16))


def _wheel(pen: Pen, rng: Random, axle: Point, build: Build) -> None:
    inner = build.radius - build.tyre / 2
    if rng.random() < 0.5:
        pen.disc(axle, inner, (*grey(rng, 60, 190), 200))
    pen.ring(axle, inner, build.tyre, RUBBER)
    pen.ring(axle, inner - build.tyre / 2, 0.025, (*CHROME, 160))
    pen.disc(axle, 0.08, STEEL)
    pen.line([axle, (axle[0] + 0.1, axle[1] + 0.2)], 0.03, (*CHROME, 160))


def _engine(pen: Pen, rng: Random, build: Build) -> None:
    metal = grey(rng, 35, 130)
    width = rng.uniform(0.17, 0.26)
    if rng.random() < 0.8:
        pen.shape(
            [(-width - 0.06, -0.16), (width, -0.16), (width + 0.08, 0.2), (-width, 0.24)], metal
        )
    pen.disc((-0.08, -0.04), 0.15, shade(metal, 1.35))
    pen.line([(-0.3, 0.1), REAR], 0.06, STEEL)
    pen.line([(0.02, 0.0), (0.14, build.tank - 0.06)], 0.1, shade(metal, 1.6))


def _tank(pen: Pen, rng: Random, colour: Colour, build: Build, head: Point) -> None:
    pen.shape(
        [
            (-0.2, build.tank - 0.16),
            (-0.08, build.tank + 0.08),
            head,
            (head[0] - 0.02, build.tank - 0.2),
        ],
        colour,
    )
    pen.disc((0.1, build.tank), rng.uniform(0.13, 0.18), colour, flat=0.75)
    pen.line(
        [(-0.02, build.tank + 0.03), (0.18, build.tank + 0.05)], 0.03, (*shade(colour, 1.6), 170)
    )
    if rng.random() < 0.5:  # side cover
        pen.shape(
            [(-0.42, 0.12), (-0.12, 0.12), (-0.16, build.tank - 0.12), (-0.4, build.tank - 0.14)],
            colour,
        )


def _seat(pen: Pen, rng: Random, build: Build) -> None:
    height, tail = build.seat, -0.58 - rng.uniform(0, 0.16)
    pen.line(
        [(-0.16, height), (-0.36, height - 0.02), (tail, height + 0.06)],
        rng.uniform(0.08, 0.13),
        BLACK,
    )
    pen.line(arc(REAR, build.radius * 1.2, 0.9, 2.7), 0.05, grey(rng, 30, 120))
    if rng.random() < 0.2:
        pen.shape(
            [
                (tail - 0.06, height),
                (tail + 0.18, height),
                (tail + 0.16, height - 0.3),
                (tail, height - 0.3),
            ],
            cloth(rng),
        )


def _exhaust(pen: Pen, rng: Random) -> None:
    colour = CHROME if rng.random() < 0.7 else BLACK
    pen.line(
        [(0.2, 0.1), (0.1, -0.17), (-0.4, -0.17), (-0.78, rng.uniform(-0.16, 0.1))], 0.06, colour
    )


def _scooter(pen: Pen, colour: Colour, build: Build, head: Point) -> None:
    pen.shape(
        [(-0.82, 0.1), (-0.78, 0.36), (-0.2, build.seat - 0.06), (-0.12, -0.08), (-0.3, -0.12)],
        colour,
    )
    pen.line([(-0.2, -0.1), (0.22, -0.1), (0.3, 0.0), head], 0.1, colour)
    pen.shape(
        [(0.2, 0.0), (head[0] - 0.02, head[1]), (head[0] + 0.12, head[1] - 0.04), (0.42, 0.1)],
        colour,
    )


def _fairing(pen: Pen, rng: Random, colour: Colour, head: Point) -> None:
    nose = head[0] + 0.26
    pen.shape(
        [
            (head[0] - 0.08, head[1] + 0.08),
            (nose, head[1] - 0.1),
            (0.3, -0.12),
            (-0.1, -0.14),
            (0.1, 0.3),
        ],
        colour,
    )
    pen.shape(
        [(head[0], head[1] + 0.06), (head[0] + 0.04, head[1] + 0.22), (nose - 0.06, head[1])],
        (*CHROME, 150),
    )
    if rng.random() < 0.6:
        pen.line([(0.02, 0.24), (nose - 0.06, head[1] - 0.12)], 0.07, paint(rng))
