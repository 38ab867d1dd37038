"""Plans which images a simulation sends, and when: the settings and their seed decide all of it."""

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
class SimulatedImage:
    """One image to send.

    Attributes:
        number: its place in the order of arrival, from 1.
        due: seconds after the start at which it arrives.
        truth: what it shows.
        staged_key: the key of a staged test image; None for an image that is drawn.
        drift: the drift that the image is a part of.
    """

    number: int
    due: float
    truth: str
    staged_key: str | None
    drift: str


def plan_images(settings: Settings, keys: Mapping[str, Sequence[str]]) -> list[SimulatedImage]:
    """All images in the order of arrival; `keys` lists each class's staged test images."""
    # The name of the random stream is part of what a seed reproduces.
    rng = Random(f"{settings.seed}/images")
    shares = settings.mix
    if settings.drift == "shift-classes":
        shares = mix.shift(shares, settings.strength)
    decks = {
        name: _deal(class_keys, Random(f"{settings.seed}/{name}"))
        for name, class_keys in keys.items()
        if class_keys
    }
    unknown: Sequence[str] = ()
    staged_drift = settings.drift
    if settings.drift == "new-objects":
        unknown = unknown_objects.names_except(list(keys))
        staged_drift = "none"
    images = []
    for number, due in enumerate(arrival_times(settings), 1):
        if unknown and rng.random() < settings.strength:
            truth = rng.choice(unknown)
            image = SimulatedImage(number, due, truth, None, settings.drift)
        else:
            [truth] = rng.choices(list(shares), list(shares.values()))
            image = SimulatedImage(number, due, truth, next(decks[truth]), staged_drift)
        images.append(image)
    return images


def arrival_times(settings: Settings) -> list[float]:
    """When the images arrive, in seconds.

    Drivers do not coordinate, so the arrivals are a Poisson process. Given their number, the times
    of such arrivals are uniform (Ross, "Introduction to Probability Models", theorem 5.2): the
    number is always the one requested.
    """
    rng = Random(f"{settings.seed}/arrivals")
    return sorted(rng.uniform(0, settings.seconds) for _ in range(settings.image_count))


def render_png(
    image: SimulatedImage, settings: Settings, read: Callable[[str], bytes]
) -> bytes | None:
    """The PNG of a drawn or drifted image; None if the staged image is sent unchanged.

    `read` returns the content of a staged image.
    """
    if image.staged_key is None:
        draw_object = unknown_objects.UNKNOWN_OBJECTS[image.truth]
        pixels = draw_image(draw_object, Random(f"{settings.seed}/{image.number}"))
    elif image.drift in TRANSFORMATIONS:
        transform = TRANSFORMATIONS[image.drift]
        staged = PIL.Image.open(io.BytesIO(read(image.staged_key)))
        rng = np.random.default_rng([settings.seed, image.number])
        pixels = transform(np.asarray(staged.convert("RGB")), settings.strength, rng)
    else:
        return None
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def _deal(keys: Sequence[str], rng: Random) -> Iterator[str]:
    """The keys like a deck of cards: shuffled, each once, then shuffled again."""
    while True:
        yield from rng.sample(sorted(keys), len(keys))
