"""A span of time, as a user names it: "24h", "7d", "2026-11-20", "2026-11-20T08:30+01:00"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class Window:
    """From `since` on, and before `until`, both in UTC; None leaves that side open."""

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def parse(cls, since: str, until: str, now: datetime, default: timedelta | None) -> Window:
        """The window between two moments as `moment` reads them; an empty `since` is `default` before `now`.

        Raises:
            ValueError: a sentence that says what cannot be read, or that the window is empty.
        """
        start = moment(since, now) if since else now - default if default is not None else None
        end = moment(until, now) if until else None
        if start and end and start >= end:
            raise ValueError(
                f"The window ends ({end:%Y-%m-%dT%H:%M:%SZ}) before it begins ({start:%Y-%m-%dT%H:%M:%SZ})."
            )
        return cls(start, end)

    def __contains__(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


def moment(text: str, now: datetime) -> datetime:
    """A moment in UTC: how long before `now`, or an ISO 8601 date or time, in this machine's zone unless it names one.

    Raises:
        ValueError: a sentence that says what can be read.
    """
    if ago := re.fullmatch(r"(\d+)([mhdw])", text.strip()):
        return now.astimezone(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f'"{text}" is no time; write 24h, 7d, 2026-11-20 or 2026-11-20T08:30+01:00.'
        ) from error
