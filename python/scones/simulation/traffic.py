"""Traffic from the first picture to the last execution's end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from scones.simulation.interrupts import Interrupts
from scones.simulation.pictures import Picture
from scones.simulation.sending import Sending
from scones.simulation.tally import Ended, Missed, Sent, Tally
from scones.simulation.watching import Watch
from scones.workflow.executions import PATIENCE

BEAT = 0.1
# What is under way when everything is broken off gets so long to end.
GRACE = 5.0

News = Sent | Missed | Ended | Exception


@dataclass(frozen=True)
class Drive:
    """What became of the pictures, for how many seconds they were sent, and the error that broke it off."""

    tally: Tally
    seconds: float
    error: Exception | None


def drive(
    pictures: Sequence[Picture],
    send: Callable[[Picture, float], Sent],
    watching: Callable[[SimpleQueue[Any]], Watch],
    interrupts: Interrupts,
    beat: Callable[[Tally, float, bool], None],
    lasting: float = 0.0,
    patience: float = PATIENCE,
) -> Drive:
    """Send all pictures and see to their ends, `patience` seconds after the last at most.

    An interruption or an error stops the sending, and leaves GRACE seconds for the ends; a second interruption none.
    The pictures arrive over `lasting` seconds: however soon the last one came, that is how long they were sent.
    `beat(tally, seconds, last)` is called several times a second.
    """
    news: SimpleQueue[News] = SimpleQueue()
    sending, watch, tally = Sending(pictures, send, news), watching(news), Tally()
    error: Exception | None = None
    deadline: float | None = None
    sending.start()
    watch.start()
    try:
        while True:
            done, now = (
                sending.done,
                time.monotonic(),
            )  # before the news are read, so that none comes after the end
            for item in _all(news):
                if isinstance(item, Exception):
                    error = error or item
                    continue
                tally.take(item)
                if isinstance(item, Sent):
                    watch.add(item)
            broken_off = bool(interrupts.count or error)
            if broken_off or done:
                sending.stop()
                deadline = min(
                    deadline or now + patience, now + (GRACE if broken_off else patience)
                )
            over = (
                interrupts.count > 1
                or (done and not tally.open)
                or (deadline is not None and now > deadline)
            )
            beat(tally, now - sending.begun, over)
            if over:
                whole = len(tally.sent) + len(tally.missed) == len(pictures)
                return Drive(
                    tally, max(tally.seconds, lasting) if whole else sending.seconds, error
                )
            time.sleep(BEAT)
    finally:
        sending.stop()
        watch.stop()


def _all(news: SimpleQueue[News]) -> Iterator[News]:
    """Whatever has come."""
    while True:
        try:
            yield news.get_nowait()
        except Empty:
            return
