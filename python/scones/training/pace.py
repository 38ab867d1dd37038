"""How much time a training has left: a steady estimate from the epochs that have ended."""

from __future__ import annotations

import math

# An estimate follows new measurements slowly, and may rise only by more than this.
SMOOTHING = 0.3
TOLERATED_SHARE, TOLERATED_SECONDS = 0.15, 3.0
MINUTES_FROM = 100.0


class Pace:
    """Estimates the end from the time between the first epoch that was seen and the last one.

    Epochs are dated by their log, in seconds since 1970; their lines arrive in bursts. `now` is any
    clock of this machine.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._first: tuple[int, float] | None = None
        self._lag = math.inf
        self._end: float | None = None
        self._shown = math.inf

    def add(self, number: int, at: float, seconds: float, now: float) -> None:
        """Count epoch `number`, logged at `at`; by its own account it took `seconds`."""
        if self._first is None:
            self._first = (number, at)
        first, first_at = self._first
        # The first epoch also pays for the start, so it counts only as long as it is the only one.
        average = (at - first_at) / (number - first) if number > first else seconds
        # Between writing and reading a line: the shortest such time is closest to the clocks' own.
        self._lag = min(self._lag, now - at)
        end = at + self._lag + (self._total - number) * average
        if self._end is None or number <= first + 1:
            self._end = end
        else:
            self._end += SMOOTHING * (end - self._end)

    def seconds_left(self, now: float) -> float:
        """It counts down; a rise within the tolerance is not shown."""
        if self._end is None:
            return math.inf
        left = max(0.0, self._end - now)
        tolerated = self._shown * (1 + TOLERATED_SHARE) + TOLERATED_SECONDS
        if left < self._shown or left > tolerated:
            self._shown = left
        return self._shown

    def text(self, now: float) -> str:
        """Such as "84 s left" and "3 min left"."""
        left = self.seconds_left(now)
        if math.isinf(left):
            return ""
        if left >= MINUTES_FROM:
            return f"{math.ceil(left / 60)} min left"
        return f"{left:.0f} s left"
