"""Counts Ctrl-C instead of raising: the first asks for an orderly end, the second for a quick one.

A third interrupts as usual.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType


class Interrupts:
    """Counts Ctrl-C between `__enter__` and `__exit__`, so that files are written completely."""

    def __init__(self) -> None:
        self.count = 0
        self._previous: signal._HANDLER = None

    def __enter__(self) -> Interrupts:
        self._previous = signal.getsignal(signal.SIGINT)
        # A process that was started to ignore Ctrl-C, as a shell's background job is, goes on
        # ignoring it. Only the main thread may set a handler.
        is_main_thread = threading.current_thread() is threading.main_thread()
        if is_main_thread and self._previous is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._count_one)
        return self

    def __exit__(self, *_error: object) -> None:
        self._restore()

    def _count_one(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count == 2:
            self._restore()

    def _restore(self) -> None:
        if signal.getsignal(signal.SIGINT) == self._count_one:
            signal.signal(signal.SIGINT, self._previous)
