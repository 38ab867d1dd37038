"""Which pictures a simulation sends, and when: all of it follows from the settings and their seed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import PIL.Image

from scones.images.drawn.image import draw_image
from scones.simulation import mix, unknown_objects
from scones.simulation.drift import TRANSFORMATIONS
from scones.simulation.settings import Settings


@dataclass(frozen=True)
class Picture:
    """The `number`th picture arrives `due` seconds after the first could have, and shows a `truth`.

    `staged` is the key of a staged test image, None for one that is yet to be drawn. `drift` is the drift that this
    picture is a part of.
    """

    number: int
    due: float
    truth: str
    staged: str | None
    drift: str


def sequence(settings: Settings, staged: Mapping[str, Sequence[str]]) -> list[Picture]:
    """All pictures in the order of their arrival; `staged` lists the keys of the test images of each class."""
    drift, rng = settings.drift, Random(f"{settings.seed}/pictures")
    shares = (
        mix.shifted(settings.mix, settings.strength) if drift == "shift-classes" else settings.mix
    )
    decks = {
        name: _deck(keys, Random(f"{settings.seed}/{name}"))
        for name, keys in staged.items()
        if keys
    }
    unknown = unknown_objects.names_except(list(staged)) if drift == "new-objects" else ()
    pictures = []
    for number, due in enumerate(arrivals(settings), 1):
        if unknown and rng.random() < settings.strength:
            pictures.append(Picture(number, due, rng.choice(unknown), None, drift))
        else:
            [truth] = rng.choices(list(shares), list(shares.values()))
            pictures.append(
                Picture(number, due, truth, next(decks[truth]), "none" if unknown else drift)
            )
    return pictures


def arrivals(settings: Settings) -> list[float]:
    """When the pictures arrive, in seconds.

    Drivers don't know of each other, so they arrive as a Poisson process: sometimes two at once, sometimes none for a
    while. Given how many they are, such moments are uniform over the time (Ross, "Introduction to Probability Models",
    theorem 5.2): the number is always the one that was asked for.
    """
    rng = Random(f"{settings.seed}/arrivals")
    return sorted(rng.uniform(0, settings.seconds) for _ in range(settings.pictures))


def made(picture: Picture, settings: Settings, read: Callable[[str], bytes]) -> bytes | None:
    """The PNG of a picture that has to be made; None where the staged one itself is sent. `read` gets a staged one."""
    if picture.staged is None:
        draw = unknown_objects.UNKNOWN_OBJECTS[picture.truth]
        return _png(draw_image(draw, Random(f"{settings.seed}/{picture.number}")))
    if transformation := TRANSFORMATIONS.get(picture.drift):
        image = np.asarray(PIL.Image.open(io.BytesIO(read(picture.staged))).convert("RGB"))
        return _png(
            transformation(
                image, settings.strength, np.random.default_rng([settings.seed, picture.number])
            )
        )
    return None


def _deck(keys: Sequence[str], rng: Random) -> Iterator[str]:
    """The keys like cards: shuffled, each once, then shuffled anew."""
    while True:
        yield from rng.sample(sorted(keys), len(keys))


def _png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    PIL.Image.fromarray(image).save(file, "PNG")
    return file.getvalue()
