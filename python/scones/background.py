"""Work in a thread of its own while the verb does something else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Background(Generic[Result]):
    """Work that begins with `start`, or when its result is asked for.

    An interrupted verb does not wait for it.
    """

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._done: Future[Result] = Future()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin, unless it has begun."""
        if self._thread.ident is None:
            self._thread.start()

    def result(self) -> Result:
        """Wait for the result; raises what the work raised."""
        self.start()
        return self._done.result()

    def _run(self) -> None:
        try:
            self._done.set_result(self._work())
        except BaseException as error:
            self._done.set_exception(error)
