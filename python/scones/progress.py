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


class Progress:
    """Counts `done` of `total` units; thread-safe for callers that only add.

    >>> with Progress("Uploading", total=3, unit="images") as bar:
    ...     bar.add()
    """

    def __init__(self, title: str, total: int | None, unit: str = "", out: TextIO | None = None) -> None:
        self.title, self.total, self.unit = title, total, unit
        self.done = 0
        self._out = out or sys.stderr
        self._live = self._out.isatty()
        self._started = time.monotonic()
        self._drawn = self._started if not self._live else 0.0

    def add(self, amount: int = 1) -> None:
        self.done += amount
        now = time.monotonic()
        if now - self._drawn >= (TERMINAL_PERIOD if self._live else LOG_PERIOD):
            self._drawn = now
            self._draw()

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield `items`, counting one for each."""
        for item in items:
            yield item
            self.add()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live or self.done:
            self._draw()
        if self._live:
            self._out.write("\n")

    def _draw(self) -> None:
        text = f"{self.title} {self._counts()} {time.monotonic() - self._started:.0f} s"
        if not self._live:
            self._out.write(f"{text}\n")
        else:
            self._out.write(f"\r\x1b[2K{self._bar()}{text}")
        self._out.flush()

    def _bar(self) -> str:
        if not self.total:
            return ""
        filled = min(WIDTH, WIDTH * self.done // self.total)
        return f"[{'#' * filled}{'.' * (WIDTH - filled)}] "

    def _counts(self) -> str:
        if self.unit == "B":
            return f"{self.done / 1e6:.1f}" + (f"/{self.total / 1e6:.1f} MB" if self.total else " MB")
        return f"{self.done}" + (f"/{self.total}" if self.total else "") + (f" {self.unit}" if self.unit else "")
