"""A progress bar on stderr, and work in parallel to count.

On a terminal the bar is redrawn in place, elsewhere it is a line every few seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WIDTH = 30
TERMINAL_PERIOD = 0.1
LOG_PERIOD = 5.0


class Line:
    """A text that changes: call `show` as often as needed, with `last` for the final text."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self._period = TERMINAL_PERIOD if self.live else LOG_PERIOD
        self._shown = 0.0 if self.live else time.monotonic()

    def show(self, text: str, last: bool = False) -> None:
        now = time.monotonic()
        if not last and now - self._shown < self._period:
            return
        self._shown = now
        if self.live:
            # Return to the beginning of the line and clear it.
            text = f"\r\x1b[2K{text}"
        end = "" if self.live and not last else "\n"
        print(text, end=end, file=sys.stderr, flush=True)


class Progress:
    """Counts `done` of `total` units; thread-safe for callers that only add.

    >>> with Progress("Uploading", total=3, unit="images") as bar:
    ...     bar.add()
    """

    def __init__(self, title: str, total: int | None, unit: str = "") -> None:
        self.title = title
        self.total = total
        self.unit = unit
        self.done = 0
        self._line = Line()
        self._started = time.monotonic()

    def add(self, amount: int = 1) -> None:
        self.done += amount
        self._line.show(self._text())

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield `items`, counting one for each."""
        for item in items:
            yield item
            self.add()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._line.live or self.done:
            self._line.show(self._text(), last=True)

    def _text(self) -> str:
        seconds = time.monotonic() - self._started
        return f"{self._bar()}{self.title} {self._counts()} {seconds:.0f} s"

    def _bar(self) -> str:
        if not self.total or not self._line.live:
            return ""
        filled = min(WIDTH, WIDTH * self.done // self.total)
        bar = "#" * filled
        return f"[{bar:.<{WIDTH}}] "

    def _counts(self) -> str:
        if self.unit == "B":
            total = f"/{self.total / 1e6:.1f}" if self.total else ""
            return f"{self.done / 1e6:.1f}{total} MB"
        total = f"/{self.total}" if self.total else ""
        return f"{self.done}{total} {self.unit}".rstrip()


def in_parallel(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[Result]:
    """Yield results in the order of completion; an error or an interruption drops the rest."""
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)
