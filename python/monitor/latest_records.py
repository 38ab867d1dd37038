"""The latest captured records, without reading all the others."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
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


class LatestRecords:
    """Keeps the last `images` of the records that pass: only these stay in memory.

    They are those that `read_latest` reads.
    """

    def __init__(self, images: int) -> None:
        self._images = images
        # The earliest first. Of records of the same time, the first one is the latest.
        self._heap: list[tuple[datetime, int, Record]] = []

    def watch(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records of one iteration."""
        for number, record in enumerate(records):
            entry = (record.at, -number, record)
            if len(self._heap) < self._images:
                heapq.heappush(self._heap, entry)
            elif entry[:2] > self._heap[0][:2]:
                heapq.heapreplace(self._heap, entry)
            yield record

    @property
    def records(self) -> list[Record]:
        """The latest first."""
        entries = sorted(self._heap, key=lambda entry: entry[:2], reverse=True)
        return [record for _, _, record in entries]
