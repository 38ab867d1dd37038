"""What happens a while after a request, such as the arrival of a log event.

One thread does it all, in the order in which it is due. What is not due yet when the account ends
happens then, so that nothing is lost.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

from localaws.persistence import changes
from localaws.server.patching import Account, Closer

Action = Callable[[], None]

log = logging.getLogger(__name__)


class Agenda:
    def __init__(self) -> None:
        self._numbers = itertools.count()  # of actions that are due at the same time
        self._due: list[tuple[float, int, Action]] = []
        self._changed = threading.Condition()
        self._ends = False

    def add(self, seconds: float, action: Action) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), action))
            self._changed.notify()

    def start(self) -> Closer:
        """Do what is due from now on. The result ends it when all is done."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()

        def close() -> None:
            with self._changed:
                self._ends = True
                self._changed.notify()
            thread.join()

        return close

    def _run(self) -> None:
        while action := self._next():
            try:
                action()
                changes.save()
            except Exception:  # a failed action must not keep the next one from happening
                log.exception("What was due later has failed")

    def _next(self) -> Action | None:
        """Wait for the next action that is due; None when the account has ended."""
        with self._changed:
            while not self._ends:
                pause = self._due[0][0] - time.monotonic() if self._due else None
                if pause is not None and pause <= 0:
                    break
                self._changed.wait(pause)
            return heapq.heappop(self._due)[2] if self._due else None


_agenda = Agenda()


def later(seconds: float, action: Action) -> None:
    """Call `action` after `seconds`, on a thread of its own. It may raise, which is logged."""
    _agenda.add(seconds, action)


def install(_account: Account) -> Closer:
    return _agenda.start()
