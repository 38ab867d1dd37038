"""Numbers and lists as words: a share of 0.945 is "94.5 %", and what was not measured says so."""

from __future__ import annotations

from collections.abc import Sequence

UNKNOWN = "not measured"
NARROW_SPACE = "\u202f"  # does not break a line
MINUS = "\u2212"


def percent(share: float | None, digits: int = 1) -> str:
    if share is None:
        return UNKNOWN
    return f"{100 * share:.{digits}f}{NARROW_SPACE}%"


def percent_interval(interval: Sequence[float] | None) -> str:
    """An interval of shares, such as "90.4 to 96.9 %"."""
    if not interval:
        return UNKNOWN
    low, high = interval
    return f"{100 * low:.1f} to {percent(high)}"


def number(value: float | None, pattern: str = ",.4g", unit: str = "") -> str:
    """A number as `pattern` formats it, and its unit."""
    if value is None:
        return UNKNOWN
    text = format(value, pattern)
    return f"{text}{NARROW_SPACE}{unit}" if unit else text


def points(difference: float) -> str:
    """A difference between two shares in percentage points, with its sign."""
    return f"{100 * difference:+.1f}".replace("-", MINUS)


def count(number: int, singular: str, plural: str = "") -> str:
    """Such as "1 image" and "2,000 images"."""
    noun = singular if number == 1 else plural or f"{singular}s"
    return f"{number:,} {noun}"


def join_names(names: Sequence[str]) -> str:
    """Such as "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
