"""Drawn vehicles that the model was not trained on, named as in CIFAR-100."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from scones.errors import UserError
from scones.images.drawn.bus import draw_bus
from scones.images.drawn.colours import BLACK, RUBBER, STEEL, grey, paint, shade
from scones.images.drawn.pen import Pen


def names_except(classes: Sequence[str]) -> tuple[str, ...]:
    """The names of the objects that are not among `classes`.

    Raises:
        UserError: all of them are.
    """
    names = tuple(name for name in UNKNOWN_OBJECTS if name not in classes)
    if not names:
        raise UserError(
            f"The model knows every object that can be drawn: {', '.join(UNKNOWN_OBJECTS)}. "
            "Choose another DRIFT."
        )
    return names


def draw_pickup_truck(pen: Pen, rng: Random) -> None:
    """Seen from the side; the wheels stand at height -0.36, as those of the bus."""
    colour = paint(rng)
    roof = rng.uniform(0.32, 0.46)
    pen.box(-1, -0.2, 1, 0.12, colour)
    cabin = [
        (-0.2, 0.1),
        (-0.14, roof),
        (0.3, roof),
        (0.5, 0.1),
    ]
    pen.shape(cabin, colour)
    window = [
        (-0.1, 0.12),
        (-0.07, roof - 0.07),
        (0.26, roof - 0.07),
        (0.4, 0.12),
    ]
    pen.shape(window, grey(rng, 60, 190))
    bed_shade = shade(colour, 0.45)
    pen.box(-0.95, 0.04, -0.28, 0.1, bed_shade)
    _draw_wheels(pen, (-0.58, 0.6), 0.19)


def draw_streetcar(pen: Pen, rng: Random) -> None:
    """On a rail and below a wire."""
    colour = paint(rng)
    roof = rng.uniform(0.45, 0.6)
    wire = roof + 0.4
    pen.line([(-2, -0.36), (2, -0.36)], 0.05, STEEL)
    pen.line([(-2, wire), (2, wire)], 0.03, BLACK)
    pantograph = [
        (-0.2, roof),
        (0.1, roof + 0.2),
        (-0.1, wire),
    ]
    pen.line(pantograph, 0.04, BLACK)
    body = [
        (-1.1, -0.28),
        (-1, roof),
        (1, roof),
        (1.1, -0.28),
    ]
    pen.shape(body, colour)
    stripe = [(-1.05, -0.05), (1.05, -0.05)]
    light = rng.choice((0.6, 1.5))
    pen.line(stripe, 0.08, shade(colour, light))
    glass = grey(rng, 50, 200)
    for pane in range(5):
        left = -0.92 + pane * 0.38
        pen.box(
            left,
            0.08,
            left + 0.3,
            roof - 0.1,
            glass,
        )
    _draw_wheels(pen, (-0.7, -0.45, 0.45, 0.7), 0.1)


def _draw_wheels(pen: Pen, places: Sequence[float], radius: float) -> None:
    for x in places:
        hub = (x, radius - 0.36)
        pen.disc(hub, radius, RUBBER)
        pen.disc(hub, radius / 2, STEEL)


UNKNOWN_OBJECTS = {
    "bus": draw_bus,
    "pickup_truck": draw_pickup_truck,
    "streetcar": draw_streetcar,
}
