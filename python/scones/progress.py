"""A progress bar on stderr: redrawn in place on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TextIO, TypeVar

Item = TypeVar("Item")
WIDTH = 30
TERMINAL_PERIOD = 0.1
LOG_PERIOD = 5.0


class Line:
    """A text that changes: `show` it as often as you like, and once for the last time."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self.live = self._out.isatty()
        self._shown = 0.0 if self.live else time.monotonic()

    def show(self, text: str, last: bool = False) -> None:
        now = time.monotonic()
        if last or now - self._shown >= (TERMINAL_PERIOD if self.live else LOG_PERIOD):
            self._shown = now
            self._out.write(f"\r\x1b[2K{text}" if self.live else f"{text}\n")
            if last and self.live:
                self._out.write("\n")
            self._out.flush()


class Progress:
    """Counts `done` of `total` units; thread-safe for callers that only add.

    >>> with Progress("Uploading", total=3, unit="images") as bar:
    ...     bar.add()
    """

    def __init__(
        self, title: str, total: int | None, unit: str = "", out: TextIO | None = None
    ) -> None:
        self.title, self.total, self.unit = title, total, unit
        self.done = 0
        self._line = Line(out)
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._line.live or self.done:
            self._line.show(self._text(), last=True)

    def _text(self) -> str:
        bar = self._bar() if self._line.live else ""
        return f"{bar}{self.title} {self._counts()} {time.monotonic() - self._started:.0f} s"

    def _bar(self) -> str:
        if not self.total:
            return ""
        filled = min(WIDTH, WIDTH * self.done // self.total)
        return f"[{'#' * filled}{'.' * (WIDTH - filled)}] "

    def _counts(self) -> str:
        if self.unit == "B":
            return f"{self.done / 1e6:.1f}" + (
                f"/{self.total / 1e6:.1f} MB" if self.total else " MB"
            )
        return (
            f"{self.done}"
            + (f"/{self.total}" if self.total else "")
            + (f" {self.unit}" if self.unit else "")
        )
