"""Time that passes only in sleep, so that waiting costs a test nothing."""

from __future__ import annotations


class Clock:
    """Stands in for the module `time`; `slept` holds the seconds of every pause."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(round(seconds, 3))
