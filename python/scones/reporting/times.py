"""How moments and spans are written on the report, all in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def moment(text: str | None) -> str:
    """Such as "4 March 2023, 18:01:40", from ISO 8601."""
    return "unknown" if text is None else _said(_parsed(text))


def span(first: str, last: str) -> str:
    """Such as "4 March 2023, 18:01:40 to 18:39:38", with what both have in common said once."""
    begin, end = _parsed(first), _parsed(last)
    if begin == end:
        return _said(begin)
    return f"{_said(begin)} to {f'{end:%H:%M:%S}' if begin.date() == end.date() else _said(end)}"


def length(seconds: int) -> str:
    """Such as "30 seconds", "1 minute" and "6 hours"."""
    for unit, size in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0 and seconds >= size:
            return _counted(seconds // size, unit)
    return _counted(seconds, "second")


def start(text: str, seconds: int) -> str:
    """The start of a span of that many seconds, as short as tells it from the others."""
    at = _parsed(text)
    if seconds < 60:
        return f"{at:%H:%M:%S}"
    return f"{at.day} {at:%b}, {at:%H:%M}" if seconds < 86400 else f"{at.day} {at:%b %Y}"


def short(text: str) -> str:
    """Such as "4 Mar, 18:01:40", where the year is plain."""
    at = _parsed(text)
    return f"{at.day} {at:%b}, {at:%H:%M:%S}"


def middle(text: str, seconds: int) -> float:
    """The middle of a span in days since 1970, as charts count."""
    return (_parsed(text) + timedelta(seconds=seconds / 2)).timestamp() / 86400


def _parsed(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _said(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}, {at:%H:%M:%S}"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
