"""The settings of a simulation, read from the arguments of the verb."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from scones import cli
from scones.errors import UserError
from scones.simulation import drift, mix
from scones.simulation.mix import Mix

# What one machine can send, and what makes a record that can still be opened.
MAX_RATE = 100
MAX_SECONDS = 86_400
MAX_IMAGES = 100_000
MAX_SEED = 10**18 - 1


@dataclass(frozen=True)
class Settings:
    """What to send.

    Attributes:
        rate: images per second.
        seconds: how long images arrive.
        mix: the mix of classes before any drift.
    """

    rate: float
    seconds: float
    mix: Mix
    drift: str
    strength: float
    seed: int

    @property
    def image_count(self) -> int:
        return round(self.rate * self.seconds)


def parse(
    rate: str,
    seconds: str,
    classes: str,
    kind: str,
    strength: str,
    seed: str,
    staged: Mapping[str, int],
) -> Settings:
    """Settings from text; without `classes`, the mix is that of the `staged` images per class.

    Raises:
        UserError: a text is invalid, or a class has no test image.
    """
    settings = Settings(
        rate=_parse_number("RATE", rate, MAX_RATE, "images per second"),
        seconds=_parse_number("FOR", seconds, MAX_SECONDS, "seconds"),
        mix=_parse_mix(classes, staged),
        drift=kind,
        strength=_parse_strength(strength, kind),
        seed=cli.whole_number("SEED", seed, 0, MAX_SEED, "Leave it out for a random one.")
        if seed
        else secrets.randbits(32),
    )
    if not 1 <= settings.image_count <= MAX_IMAGES:
        raise UserError(
            f"RATE={rate} and FOR={seconds} make {settings.image_count:,} images; "
            f"a simulation sends from 1 to {MAX_IMAGES:,}. Choose others."
        )
    return settings


def _parse_number(name: str, text: str, maximum: int, unit: str) -> float:
    value = mix.to_float(text)
    if not 0 < value <= maximum:
        raise UserError(
            f"{name} must be a number of {unit} above 0 and up to {maximum:,}, "
            f'not "{text}". Choose another.'
        )
    return value


def _parse_mix(text: str, staged: Mapping[str, int]) -> Mix:
    if not any(staged.values()):
        raise UserError(
            "No test images are staged, so there is nothing to send. Stage a source that has some."
        )
    shares = mix.parse(text, list(staged)) if text else mix.of(staged)
    missing = [name for name, share in shares.items() if share and not staged[name]]
    if missing:
        raise UserError(
            f"No test image of {', '.join(missing)} is staged. Leave it out of CLASSES."
        )
    return shares


def _parse_strength(text: str, kind: str) -> float:
    if kind not in drift.STRENGTHS:
        raise UserError(f'There is no drift "{kind}". Use one of {", ".join(drift.STRENGTHS)}.')
    if not text:
        return drift.STRENGTHS[kind]
    if kind == "none":
        raise UserError(
            "STRENGTH is the strength of a drift, and no drift is set. "
            "Set DRIFT, or leave STRENGTH out."
        )
    value = mix.to_float(text)
    if not 0 <= value <= 1:
        raise UserError(
            f'STRENGTH must be a number from 0 to 1, not "{text}". '
            f"Leave it out for the default of {kind}."
        )
    return value
