"""Writes the stacks of all threads into the server's log when a request takes far too long."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from localaws.json_object import JsonObject

SECONDS = 120.0  # twice what the longest invocation of an endpoint may take
PAUSE_SECONDS = 10.0  # between two looks

Wsgi = Callable[[JsonObject, Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Request:
    """`since` is in seconds of the monotonic clock, `thread` as the dumped stacks name it."""

    name: str
    thread: int
    since: float
    reported: bool = False


class Watchdog:
    """A WSGI application that knows which requests to `application` run."""

    def __init__(self, application: Wsgi) -> None:
        self._application = application
        self._running: set[Request] = set()
        threading.Thread(target=self._watch, daemon=True).start()

    def __call__(self, environ: JsonObject, start_response: Callable[..., Any]) -> Iterable[bytes]:
        name = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        request = Request(name, threading.get_ident(), time.monotonic())
        self._running.add(request)
        try:
            return self._application(environ, start_response)
        finally:
            self._running.discard(request)

    def report(self, now: float) -> None:
        """Report each request once that runs for too long at `now`."""
        for request in list(self._running):
            if now - request.since > SECONDS and not request.reported:
                request.reported = True
                log.error(
                    "%s has no answer after %.0f s, in thread 0x%016x. All threads:",
                    request.name,
                    now - request.since,
                    request.thread,
                )
                faulthandler.dump_traceback(sys.stderr)

    def _watch(self) -> None:
        while True:
            time.sleep(PAUSE_SECONDS)
            self.report(time.monotonic())
