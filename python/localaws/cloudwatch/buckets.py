"""What was measured in a stretch of time, and the statistics of it."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
STATISTICS = {"Average", "Maximum", "Minimum", "SampleCount", "Sum"}


class UnknownStatisticError(ValueError):
    """A statistic that is not computed here."""


@dataclass(slots=True)
class Bucket:
    """`values` tells how often each value was put, to four digits: what percentiles are read from."""

    count: float = 0
    sum: float = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    values: Counter[float] = field(default_factory=Counter)

    def add(self, value: float, count: float = 1) -> None:
        self.merge(
            Bucket(count, value * count, value, value, Counter({float(f"{value:.4g}"): count}))
        )

    def merge(self, other: Bucket) -> None:
        self.count += other.count
        self.sum += other.sum
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        for value, count in other.values.items():
            self.values[value] += count

    def statistic(self, name: str) -> float | None:
        """None where nothing was measured. Raises UnknownStatisticError."""
        if name not in STATISTICS and not PERCENTILE.fullmatch(name):
            raise UnknownStatisticError(f"The statistic {name} is not known.")
        if not self.count:
            return None
        if name == "Average":
            return self.sum / self.count
        if name in STATISTICS:
            return {
                "Maximum": self.maximum,
                "Minimum": self.minimum,
                "SampleCount": self.count,
                "Sum": self.sum,
            }[name]
        return self._percentile(float(name[1:]))

    def _percentile(self, percent: float) -> float | None:
        """The least value that so much of what was measured does not exceed. Statistic sets have none."""
        left = sum(self.values.values()) * percent / 100
        for value in sorted(self.values):
            left -= self.values[value]
            if left <= 0:
                return max(self.minimum, min(value, self.maximum))
        return None
