"""Ctrl-C as a wish to end well: the first ends it soon, a second at once, a third as it always does."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class Interrupts:
    """While it is entered, Ctrl-C counts here and raises nothing, so that what is being written is written whole."""

    def __init__(self) -> None:
        self.count = 0
        self._before: signal._HANDLER = None

    def __enter__(self) -> Interrupts:
        # What was started deaf to Ctrl-C, as a shell's background job is, stays deaf; and only the main thread may ask.
        self._before = signal.getsignal(signal.SIGINT)
        if (
            self._before is signal.default_int_handler
            and threading.current_thread() is threading.main_thread()
        ):
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._restore()

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count == 2:
            self._restore()

    def _restore(self) -> None:
        if signal.getsignal(signal.SIGINT) == self._note:
            signal.signal(signal.SIGINT, self._before)
