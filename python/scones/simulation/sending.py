"""Sends each image when it is due, whatever happened to earlier ones.

A slow system does not slow drivers down.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Any

from scones.aws import TooBusy
from scones.simulation.images import SimulatedImage
from scones.simulation.tally import Missed, Sent

# Requests in parallel: enough for MAX_RATE if each takes a quarter of a second.
SENDERS = 24
# Seconds after which a driver gives up.
PATIENCE = 5.0

Send = Callable[[SimulatedImage, float], Sent]


class Sender:
    """Threads that each take the next image, wait until it is due, and send it.

    `send(image, started)` gets the start of the simulation, on the clock of time.monotonic.
    `events` gets Sent, Missed, or the exception that ends the sending.
    """

    def __init__(
        self,
        images: Iterable[SimulatedImage],
        send: Send,
        events: SimpleQueue[Any],
    ) -> None:
        self._images = iter(images)
        self._send = send
        self._events = events
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        # Daemons: a request that hangs must not keep the verb from ending.
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(SENDERS)]
        self.started = 0.0
        self._ended: float | None = None

    def start(self) -> None:
        self.started = time.monotonic()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send nothing more, apart from what is being sent now."""
        self._ended = self._ended or time.monotonic()
        self._stopped.set()

    @property
    def done(self) -> bool:
        """Whether no more events will come."""
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def seconds(self) -> float:
        """How long it has been sending."""
        return (self._ended or time.monotonic()) - self.started

    def _work(self) -> None:
        try:
            while image := self._next_image():
                if self._stopped.wait(self._seconds_until(image)):
                    return
                self._events.put(self._send_in_time(image))
        except Exception as error:
            self._events.put(error)
            self.stop()

    def _send_in_time(self, image: SimulatedImage) -> Sent | Missed:
        if self._seconds_until(image) < -PATIENCE:
            why = f"All {SENDERS} senders were still busy {PATIENCE:g} s after it arrived."
            return Missed(image, why)
        try:
            return self._send(image, self.started)
        except TooBusy as error:
            return Missed(image, str(error))

    def _seconds_until(self, image: SimulatedImage) -> float:
        """Negative once the image is due."""
        return self.started + image.due - time.monotonic()

    def _next_image(self) -> SimulatedImage | None:
        with self._lock:
            return next(self._images, None)
