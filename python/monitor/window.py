"""A span of time as a user names it: "24h", "7d", "2026-11-20", "2026-11-20T08:30+01:00"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

UNITS = {
    "m": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
}


@dataclass(frozen=True)
class Window:
    """From `since` (inclusive) to `until` (exclusive), both in UTC; None leaves a side open."""

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def parse(
        cls,
        since: str,
        until: str,
        now: datetime,
        default: timedelta | None,
    ) -> Window:
        """The window between two times as `parse_time` reads them.

        An empty `since` is `default` before `now`, or open without a default.

        Raises:
            ValueError: a time cannot be read, or the window is empty; the message says which.
        """
        start = end = None
        if since:
            start = parse_time(since, now)
        elif default is not None:
            start = now - default
        if until:
            end = parse_time(until, now)
        if start and end and start >= end:
            raise ValueError(
                f"The window ends ({end:%Y-%m-%dT%H:%M:%SZ}) before it begins "
                f"({start:%Y-%m-%dT%H:%M:%SZ})."
            )
        return cls(start, end)

    def __contains__(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


def parse_time(text: str, now: datetime) -> datetime:
    """A time in UTC: an age such as "24h" before `now`, or an ISO 8601 date or time.

    A time without a zone is in this machine's zone.

    Raises:
        ValueError: `text` is neither.
    """
    text = text.strip()
    if age := re.fullmatch(r"(\d+)([mhdw])", text):
        amount, unit = age.groups()
        return now.astimezone(UTC) - timedelta(**{UNITS[unit]: int(amount)})
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f'"{text}" is not a time; write 24h, 7d, 2026-11-20 or 2026-11-20T08:30+01:00.'
        ) from error
