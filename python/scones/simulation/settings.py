"""What the user asks of a simulation, read from the words that make hands over."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from scones.errors import UserError
from scones.simulation import drift, mix
from scones.simulation.mix import Mix

# What one machine can still send; and what makes a record that can still be opened.
MOST_A_SECOND = 100
MOST_SECONDS = 86_400
MOST_PICTURES = 100_000


@dataclass(frozen=True)
class Settings:
    """`rate` in pictures a second, `seconds` for which they arrive, and the `mix` of classes before any drift."""

    rate: float
    seconds: float
    mix: Mix
    drift: str
    strength: float
    seed: int

    @property
    def pictures(self) -> int:
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
    """Settings from words; `staged` counts the test images of each class, and is the mix where `classes` is empty.

    Raises:
        UserError: one of the words makes no sense, or asks for a class that has no test image.
    """
    settings = Settings(
        rate=_positive("RATE", rate, MOST_A_SECOND, "pictures a second"),
        seconds=_positive("FOR", seconds, MOST_SECONDS, "seconds"),
        mix=_mix(classes, staged),
        drift=kind,
        strength=_strength(strength, kind),
        seed=_seed(seed),
    )
    if not 1 <= settings.pictures <= MOST_PICTURES:
        raise UserError(
            f"RATE={rate} and FOR={seconds} make {settings.pictures:,} pictures; "
            f"a simulation sends from 1 to {MOST_PICTURES:,}. Choose others."
        )
    return settings


def _positive(name: str, text: str, most: int, unit: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= most:
        raise UserError(
            f'{name} must be a number of {unit} above 0 and up to {most:,}, not "{text}". Choose another.'
        )
    return value


def _mix(text: str, staged: Mapping[str, int]) -> Mix:
    if not any(staged.values()):
        raise UserError(
            "No test images are staged, so there is nothing to send. Stage a source that has some."
        )
    shares = mix.parse(text, list(staged)) if text else mix.of(staged)
    if missing := [name for name, share in shares.items() if share and not staged[name]]:
        raise UserError(
            f"No test image of {', '.join(missing)} is staged. Leave it out of CLASSES."
        )
    return shares


def _strength(text: str, kind: str) -> float:
    if kind not in drift.STRENGTHS:
        raise UserError(f'There is no drift "{kind}". Use one of {", ".join(drift.STRENGTHS)}.')
    if not text:
        return drift.STRENGTHS[kind]
    if kind == "none":
        raise UserError(
            "STRENGTH is the strength of a drift, and none is named. Name a DRIFT, or leave STRENGTH out."
        )
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise UserError(
            f'STRENGTH must be a number from 0 to 1, not "{text}". Leave it out to have {kind} plain to see.'
        )
    return value


def _seed(text: str) -> int:
    if not text:
        return secrets.randbits(32)
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise UserError(
            f'SEED must be a whole number from 0, not "{text}". Leave it out to have one drawn.'
        )
    return int(text)
