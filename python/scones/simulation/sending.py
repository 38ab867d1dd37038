"""Sends each picture at its moment, whatever became of the ones before: a slow system does not slow drivers down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Any

from scones.aws import TooBusy
from scones.simulation.pictures import Picture
from scones.simulation.tally import Missed, Sent

# So many requests may be under way at once: enough for MOST_A_SECOND where each takes a quarter of a second.
SENDERS = 24
# A driver does not wait for ever either.
PATIENCE = 5.0


class Sending:
    """Threads that each take the next picture, wait until it is due, and send it.

    `send(picture, begun)` gets the moment from which `due` counts, on the clock of time.monotonic. Everything that
    comes of it goes into `news`: Sent, Missed, or the exception that ends it all.
    """

    def __init__(
        self,
        pictures: Iterable[Picture],
        send: Callable[[Picture, float], Sent],
        news: SimpleQueue[Any],
    ) -> None:
        self._pictures, self._send, self._news = iter(pictures), send, news
        self._lock, self._stopped = threading.Lock(), threading.Event()
        # Daemons: a request that hangs must not keep the verb from ending.
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(SENDERS)]
        self.begun = 0.0
        self._ended: float | None = None

    def start(self) -> None:
        self.begun = time.monotonic()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send nothing more; what is just being sent still is."""
        self._ended = self._ended or time.monotonic()
        self._stopped.set()

    @property
    def done(self) -> bool:
        """Whether no more news will come."""
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def seconds(self) -> float:
        """For how long it sent, or has been sending."""
        return (self._ended or time.monotonic()) - self.begun

    def _work(self) -> None:
        try:
            while (picture := self._next()) and not self._stopped.wait(self._ahead(picture)):
                self._news.put(self._sent(picture))
        except Exception as error:
            self._news.put(error)
            self.stop()

    def _sent(self, picture: Picture) -> Sent | Missed:
        late = -self._ahead(picture)
        if late > PATIENCE:
            return Missed(
                picture, f"All {SENDERS} senders were still busy {PATIENCE:g} s after it arrived."
            )
        try:
            return self._send(picture, self.begun)
        except TooBusy as error:
            return Missed(picture, str(error))

    def _ahead(self, picture: Picture) -> float:
        """Seconds until the picture is due; below 0 once it was."""
        return self.begun + picture.due - time.monotonic()

    def _next(self) -> Picture | None:
        with self._lock:
            return next(self._pictures, None)
