"""How figures are written on a page: a share of 0.945 is "94.5 %", and what was not measured says so."""

from __future__ import annotations

from collections.abc import Sequence

UNKNOWN = "not measured"
NARROW_SPACE = "\u202f"  # does not break a line
MINUS = "\u2212"


def percent(share: float | None, digits: int = 1) -> str:
    return UNKNOWN if share is None else f"{100 * share:.{digits}f}{NARROW_SPACE}%"


def percents(interval: Sequence[float] | None) -> str:
    """An interval of shares, such as "90.4 to 96.9 %"."""
    return UNKNOWN if not interval else f"{100 * interval[0]:.1f} to {percent(interval[1])}"


def number(value: float | None, pattern: str = ",.4g", unit: str = "") -> str:
    """A number as `pattern` formats it, and its unit."""
    return (
        UNKNOWN
        if value is None
        else f"{value:{pattern}}" + (f"{NARROW_SPACE}{unit}" if unit else "")
    )


def points(difference: float) -> str:
    """A difference between two shares in percentage points, with its sign."""
    return f"{100 * difference:+.1f}".replace("-", MINUS)


def count(number: int, one: str, many: str = "") -> str:
    """Such as "1 image" and "2,000 images"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def listed(names: Sequence[str]) -> str:
    """Such as "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
