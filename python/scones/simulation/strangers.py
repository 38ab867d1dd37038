"""Drawn vehicles that the model was never shown. Their names are CIFAR-100's, so that they compare with its classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

from scones.errors import UserError
from scones.images.drawn.bus import bus
from scones.images.drawn.colours import BLACK, RUBBER, STEEL, grey, paint, shade
from scones.images.drawn.pen import Pen


def other_than(classes: Sequence[str]) -> tuple[str, ...]:
    """The names of those that are none of `classes`.

    Raises:
        UserError: all of them are.
    """
    names = tuple(name for name in STRANGERS if name not in classes)
    if not names:
        raise UserError(
            f"The model knows all that can be drawn: {', '.join(STRANGERS)}. Choose another DRIFT."
        )
    return names


def pickup_truck(pen: Pen, rng: Random) -> None:
    """Seen from the side, as the bus is: the wheels stand at height -0.36."""
    colour, roof = paint(rng), rng.uniform(0.32, 0.46)
    pen.shape([(-1, -0.2), (-1, 0.12), (1, 0.12), (1, -0.2)], colour)
    pen.shape([(-0.2, 0.1), (-0.14, roof), (0.3, roof), (0.5, 0.1)], colour)
    pen.shape(
        [(-0.1, 0.12), (-0.07, roof - 0.07), (0.26, roof - 0.07), (0.4, 0.12)], grey(rng, 60, 190)
    )
    pen.shape([(-0.95, 0.04), (-0.95, 0.1), (-0.28, 0.1), (-0.28, 0.04)], shade(colour, 0.45))
    _wheels(pen, (-0.58, 0.6), 0.19)


def streetcar(pen: Pen, rng: Random) -> None:
    """On a rail and below a wire."""
    colour, roof = paint(rng), rng.uniform(0.45, 0.6)
    pen.line([(-2, -0.36), (2, -0.36)], 0.05, STEEL)
    pen.line([(-2, roof + 0.4), (2, roof + 0.4)], 0.03, BLACK)
    pen.line([(-0.2, roof), (0.1, roof + 0.2), (-0.1, roof + 0.4)], 0.04, BLACK)
    pen.shape([(-1.1, -0.28), (-1, roof), (1, roof), (1.1, -0.28)], colour)
    pen.line([(-1.05, -0.05), (1.05, -0.05)], 0.08, shade(colour, rng.choice((0.6, 1.5))))
    glass = grey(rng, 50, 200)
    for pane in range(5):
        left = -0.92 + pane * 0.38
        pen.shape(
            [(left, 0.08), (left, roof - 0.1), (left + 0.3, roof - 0.1), (left + 0.3, 0.08)], glass
        )
    _wheels(pen, (-0.7, -0.45, 0.45, 0.7), 0.1)


def _wheels(pen: Pen, places: Sequence[float], radius: float) -> None:
    for x in places:
        pen.disc((x, radius - 0.36), radius, RUBBER)
        pen.disc((x, radius - 0.36), radius / 2, STEEL)


STRANGERS: Mapping[str, Callable[[Pen, Random], None]] = {
    "bus": bus,
    "pickup_truck": pickup_truck,
    "streetcar": streetcar,
}
