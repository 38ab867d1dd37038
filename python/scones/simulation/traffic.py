"""Sends the traffic, from the first image to the end of the last execution."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from scones import waits
from scones.simulation.images import SimulatedImage
from scones.simulation.interrupts import Interrupts
from scones.simulation.sending import Send, Sender
from scones.simulation.tally import Missed, Sent, Tally
from scones.simulation.watching import Watcher
from scones.workflow.outcomes import Outcome

TICK = 0.1
# Seconds for running executions to end after an interruption or an error.
GRACE = 5.0

OnTick = Callable[[Tally, float, bool], None]
Event = Sent | Missed | Outcome | Exception


@dataclass(frozen=True)
class Traffic:
    """What was sent and how it ended, the seconds of sending, and the error that stopped it."""

    tally: Tally
    seconds: float
    error: Exception | None


def send_traffic(
    images: Sequence[SimulatedImage],
    send: Send,
    watch: Callable[[SimpleQueue[Any]], Watcher],
    interrupts: Interrupts,
    on_tick: OnTick,
    seconds: float = 0.0,
    patience: float = waits.EXECUTION_ENDS.seconds,
) -> Traffic:
    """Send all images and wait for the ends of their executions.

    An interruption or an error stops the sending; a second interruption stops the waiting too.

    Args:
        watch: creates the watcher that puts its events into a queue.
        on_tick: called several times per second with (tally, seconds so far, is_last).
        seconds: over which the images arrive; even if the last one arrives early, the sending
            took that long.
        patience: most seconds to wait after the last image.
    """
    events: SimpleQueue[Event] = SimpleQueue()
    sender = Sender(images, send, events)
    watcher = watch(events)
    tally = Tally()
    error: Exception | None = None
    deadline = math.inf
    sender.start()
    watcher.start()
    try:
        while True:
            # Checked before the events are read: none of them may come after the end.
            done = sender.done
            now = time.monotonic()
            for event in _drain(events):
                if isinstance(event, Exception):
                    error = error or event
                    continue
                tally.add(event)
                if isinstance(event, Sent):
                    watcher.add(event)
            broken_off = bool(interrupts.count or error)
            if broken_off or done:
                sender.stop()
                wait = min(GRACE, patience) if broken_off else patience
                deadline = min(deadline, now + wait)
            all_ended = done and not tally.open
            is_last = all_ended or interrupts.count > 1 or now > deadline
            on_tick(tally, now - sender.started, is_last)
            if is_last:
                complete = len(tally.sent) + len(tally.missed) == len(images)
                sending = max(tally.seconds, seconds) if complete else sender.seconds
                return Traffic(tally, sending, error)
            time.sleep(TICK)
    finally:
        sender.stop()
        watcher.stop()


def _drain(events: SimpleQueue[Event]) -> Iterator[Event]:
    """The events so far."""
    while True:
        try:
            yield events.get_nowait()
        except Empty:
            return
