"""How far a verb is: counted work and named steps on stderr, and work in parallel to count.

On a terminal a row is redrawn in place and then replaced by one line. Elsewhere there are a few
plain lines. What ends at once shows nothing on the way.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from types import TracebackType
from typing import TypeVar

from scones import terminal
from scones.cli import say

Item = TypeVar("Item")
Result = TypeVar("Result")

# Seconds until the row appears on a terminal; until a step is worth a line.
TERMINAL_DELAY = 0.5
NOTEWORTHY = 2.0
# In a pipe: at most this many lines, and not more often than every few seconds.
LOG_LINES = 10
LOG_PERIOD = 5.0


class Progress:
    """Counts `done` of `total` units; thread-safe for callers that only add.

    >>> with Progress("Uploading", total=3, unit="images") as bar:
    ...     bar.add()

    Attributes:
        figures: what the row adds where there is space, the most important first.
        remains: whether a line remains at the end of work that has begun.
    """

    def __init__(
        self,
        title: str,
        total: int | None = None,
        unit: str = "",
        remains: bool = True,
    ) -> None:
        self.title = title
        self.total = total
        self.unit = unit
        self.remains = remains
        self.done = 0
        self.figures: Sequence[str] = ()
        self._started = time.monotonic()
        self._logged = self._started
        self._logged_share = -1
        self._row: _Row | None = None
        self._announcement = threading.Timer(NOTEWORTHY, self._announce)
        self._announcement.daemon = True

    def add(self, amount: int = 1) -> None:
        self.done += amount
        if self._row is None:
            self._log_when_due()

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield `items`, counting one for each."""
        for item in items:
            yield item
            self.add()

    def __enter__(self) -> Progress:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(failed=error is not None)

    def open(self) -> None:
        self._started = self._logged = time.monotonic()
        if terminal.is_live(sys.stderr):
            self._row = _Row(self)
            self._row.open()
        else:
            self._announcement.start()

    def close(self, failed: bool = False) -> None:
        """End the row; one line remains unless nothing was done."""
        self._announcement.cancel()
        if self._row:
            self._row.close()
        if self._is_noteworthy(failed):
            say(self.line())

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def share(self) -> float | None:
        """How much is done, from 0 to 1; None where the total is unknown."""
        return min(1.0, self.done / self.total) if self.total else None

    def parts(self) -> list[str]:
        """What the row says beside its title, the most important first."""
        parts = [self.counts(), self.time(), *self.figures]
        return [part for part in parts if part]

    def time(self) -> str:
        return f"{self.seconds:.0f} s"

    def line(self) -> str:
        """The state as a plain line."""
        return f"{self.title}: {', '.join(self.parts())}"

    def counts(self) -> str:
        """Such as "12/100 images", "100 images" once all are done, and "3.1/9.0 MB"."""
        if not self.done and not self.total:
            return ""
        done, total = f"{self.done:,}", f"{self.total or 0:,}"
        unit = self.unit
        if unit == "B":
            done, total = f"{self.done / 1e6:.1f}", f"{(self.total or 0) / 1e6:.1f}"
            unit = "MB"
        if self.total and done != total:
            done = f"{done}/{total}"
        return f"{done} {unit}".rstrip()

    def _is_noteworthy(self, failed: bool) -> bool:  # noqa: ARG002 - a failed step differs
        """Whether a line remains at the end; without a total only after a while."""
        takes_long = self.seconds >= NOTEWORTHY or self.total is not None
        return self.remains and self.done > 0 and takes_long

    def _announce(self) -> None:
        """Print a first line after a while, unless there has been one."""
        if self._logged_share < 0:
            self._log(0)

    def _log(self, share: int) -> None:
        self._logged, self._logged_share = time.monotonic(), share
        say(self.line())

    def _log_when_due(self) -> None:
        """Print a line for every tenth of the work, or every few seconds of unknown work."""
        now = time.monotonic()
        if now - self._logged < LOG_PERIOD or self.done == self.total:
            return
        share = int(LOG_LINES * (self.share or 0))
        if self.total and share == self._logged_share:
            return
        self._log(share)


class Step(Progress):
    """Work without a count, whose name is shown while it takes long.

    >>> with Step("Planning"):
    ...     pass
    """

    def __init__(self, title: str) -> None:
        super().__init__(title)

    @property
    def share(self) -> None:
        return None

    def counts(self) -> str:
        return ""

    def _is_noteworthy(self, failed: bool) -> bool:
        # A pipe already has the line that announced the step.
        return self._row is not None and self.seconds >= NOTEWORTHY and not failed

    def _announce(self) -> None:
        say(f"{self.title} …")


class _Row:
    """Redraws the row of a Progress, from a thread of its own, once it has taken a while."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._redraw, daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def _redraw(self) -> None:
        if self._ended.wait(TERMINAL_DELAY):
            return
        # Imported here: most work ends before.
        from scones.live_row import show_until

        show_until(self._ended, self._state)

    def _state(self) -> tuple[str, float | None, Sequence[str]]:
        progress = self._progress
        return progress.title, progress.share, progress.parts()


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
