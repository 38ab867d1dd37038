"""The mix of classes: which share of the pictures shows which class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scones.errors import UserError

# 0.33 three times is meant to be everything.
TOLERANCE = 0.011
EXAMPLE = "Write them as CLASSES=bicycle=0.7,motorcycle=0.3."

Mix = Mapping[str, float]


def parse(text: str, classes: Sequence[str]) -> Mix:
    """The shares that "bicycle=0.7,motorcycle=0.3" says, of all `classes`: those that it leaves out have none.

    Raises:
        UserError: `text` names a class that the model does not know, or its shares are none.
    """
    shares = dict.fromkeys(classes, 0.0)
    named: set[str] = set()
    for part in text.split(","):
        name, sign, share = (word.strip() for word in part.partition("="))
        if not name or not sign:
            raise UserError(f'CLASSES has "{part}", which is no class with its share. {EXAMPLE}')
        if name not in shares:
            raise UserError(
                f'CLASSES names "{name}"; the served model knows {", ".join(classes)}. {EXAMPLE}'
            )
        if name in named:
            raise UserError(f'CLASSES names "{name}" twice. Name each class once.')
        named.add(name)
        shares[name] = _share(name, share)
    total = sum(shares.values())
    if abs(total - 1) > TOLERANCE:
        raise UserError(f"The shares in CLASSES add up to {total:g}, not to 1. {EXAMPLE}")
    return {name: share / total for name, share in shares.items()}


def of(counts: Mapping[str, int]) -> Mix:
    """The mix that `counts` of images have."""
    return {name: count / sum(counts.values()) for name, count in counts.items()}


def shifted(mix: Mix, strength: float) -> Mix:
    """`mix` moved towards its rarest class: with strength 0 not at all, with 1 so far that no other is left."""
    rarest = min(mix, key=mix.__getitem__)
    return {
        name: share * (1 - strength) + (strength if name == rarest else 0)
        for name, share in mix.items()
    }


def _share(name: str, text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise UserError(
            f'The share of "{name}" in CLASSES must be a number from 0 to 1, not "{text}". {EXAMPLE}'
        )
    return share
