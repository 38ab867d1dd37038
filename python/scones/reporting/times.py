"""Times and spans as the report writes them, in UTC, from ISO 8601 texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scones.pages.wording import count

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800  # seconds


def format_time(text: str) -> str:
    """Such as "4 March 2023, 18:01:40"."""
    at = _parse(text)
    return f"{at.day} {at:%B %Y}, {at:%H:%M:%S}"


def format_span(first: str, last: str) -> str:
    """Such as "4 March 2023, 18:01:40 to 18:39:38"; the second date only where it differs."""
    begin = _parse(first)
    end = _parse(last)
    if begin == end:
        return format_time(first)
    same_day = begin.date() == end.date()
    return f"{format_time(first)} to {f'{end:%H:%M:%S}' if same_day else format_time(last)}"


def format_length(seconds: int) -> str:
    """Such as "30 seconds", "1 minute" and "6 hours"."""
    units = {
        "week": WEEK,
        "day": DAY,
        "hour": HOUR,
        "minute": MINUTE,
    }
    for unit, size in units.items():
        if seconds >= size and seconds % size == 0:
            return count(seconds // size, unit)
    return count(seconds, "second")


def format_start(text: str, seconds: int) -> str:
    """The start of a span of that many seconds, as short as possible."""
    at = _parse(text)
    if seconds < MINUTE:
        return f"{at:%H:%M:%S}"
    if seconds < DAY:
        return f"{at.day} {at:%b}, {at:%H:%M}"
    return f"{at.day} {at:%b %Y}"


def format_short(text: str) -> str:
    """Such as "4 Mar, 18:01:40", where the year is known."""
    at = _parse(text)
    return f"{at.day} {at:%b}, {at:%H:%M:%S}"


def middle_day(text: str, seconds: int) -> float:
    """The middle of a span that starts at `text`, in days since 1970 as charts count."""
    middle = _parse(text) + timedelta(seconds=seconds / 2)
    return middle.timestamp() / DAY


def _parse(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
