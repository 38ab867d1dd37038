"""The latest captured records, without reading all the others."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from monitor.records import Record
from monitor.window import Window

IMAGES = 200  # to compare by default
# Another clock may be ahead by this much; records from further ahead are left out.
CLOCK_SKEW = timedelta(hours=1)
FIRST_SPAN = timedelta(hours=2)
GROWTH = 4  # of each span that is read


def select_latest(
    records: Iterable[Record],
    images: int,
    endpoint: str | None = None,
) -> list[Record]:
    """The last `images` records, of one endpoint if one is given; only these stay in memory."""
    selected = (record for record in records if endpoint in (None, record.endpoint))
    return heapq.nlargest(
        images,
        selected,
        key=lambda record: record.at,
    )


def read_latest(
    read: Callable[[Window], Iterable[Record]],
    window: Window,
    images: int,
    now: datetime,
) -> list[Record]:
    """Read the last `images` records of the window, from its end in ever longer spans.

    A window without an end ends CLOCK_SKEW after `now`.
    """
    until = window.until or now + CLOCK_SKEW
    if window.since is None:
        return select_latest(read(Window(None, until)), images)
    latest: list[Record] = []
    span = FIRST_SPAN
    while len(latest) < images and until > window.since:
        since = max(until - span, window.since)
        latest += select_latest(read(Window(since, until)), images)
        until = since
        span *= GROWTH
    return select_latest(latest, images)
