"""The newest captured records, without reading all the others."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from monitor.records import Record
from monitor.window import Window

IMAGES = 200  # to compare, unless somebody says otherwise
SKEW = timedelta(
    hours=1
)  # by which another clock may be ahead of ours; what comes from years ahead is not news
FIRST_SPAN = timedelta(hours=2)
LONGER = 4  # times, each span


def newest(records: Iterable[Record], images: int, endpoint: str | None = None) -> list[Record]:
    """The last `images` records, of one endpoint where one is named, with only those kept in memory."""
    wanted = (record for record in records if endpoint in (None, record.endpoint))
    return heapq.nlargest(images, wanted, key=lambda record: record.at)


def latest(
    read: Callable[[Window], Iterable[Record]], window: Window, images: int, now: datetime
) -> list[Record]:
    """The last `images` records of the window, read from its end in ever longer spans until there are enough.

    A window without an end ends an hour from `now`.
    """
    window = window if window.until else Window(window.since, now + SKEW)
    if window.since is None:
        return newest(read(window), images)
    found: list[Record] = []
    until, span = window.until or now, FIRST_SPAN
    while len(found) < images:
        since = until - span
        if since <= window.since:
            found += newest(read(Window(window.since, until)), images)
            break
        found += newest(read(Window(since, until)), images)
        until, span = since, span * LONGER
    return newest(found, images)
