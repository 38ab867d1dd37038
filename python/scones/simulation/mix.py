"""The mix of classes: the share of the images that shows each class."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from scones.errors import UserError

# Rounded shares are accepted: three times 0.33 means everything.
TOLERANCE = 0.011

Mix = Mapping[str, float]


def parse(text: str, classes: Sequence[str]) -> Mix:
    """The share of each of `classes` in a text such as "bicycle=0.7,motorcycle=0.3".

    Classes that the text leaves out have the share 0.

    Raises:
        UserError: `text` names a class that the model does not have, or has invalid shares.
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, share = part.partition("=")
        name = name.strip()
        if not name or "=" not in part:
            raise _invalid(f'CLASSES has "{part}", which is not a class with its share.')
        if name not in classes:
            known = ", ".join(classes)
            raise _invalid(f'CLASSES names "{name}"; the served model has {known}.')
        if name in shares:
            raise UserError(f'CLASSES names "{name}" twice. Name each class once.')
        shares[name] = _parse_share(name, share.strip())
    mix = {name: shares.get(name, 0.0) for name in classes}
    total = sum(mix.values())
    if abs(total - 1) > TOLERANCE:
        raise _invalid(f"The shares in CLASSES add up to {total:g}, not to 1.")
    return {name: share / total for name, share in mix.items()}


def of(counts: Mapping[str, int]) -> Mix:
    """The mix of `counts` images per class."""
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()}


def shift(mix: Mix, strength: float) -> Mix:
    """The mix moved towards its rarest class; at strength 1 no other class is left."""
    shares = {name: share * (1 - strength) for name, share in mix.items()}
    rarest = min(mix, key=mix.__getitem__)
    shares[rarest] += strength
    return shares


def to_float(text: str) -> float:
    """The number; NaN, which is in no range, if `text` is not a number."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _parse_share(name: str, text: str) -> float:
    share = to_float(text)
    if not 0 <= share <= 1:
        raise _invalid(
            f'The share of "{name}" in CLASSES must be a number from 0 to 1, not "{text}".'
        )
    return share


def _invalid(problem: str) -> UserError:
    return UserError(f"{problem} Write them as CLASSES=bicycle=0.7,motorcycle=0.3.")
