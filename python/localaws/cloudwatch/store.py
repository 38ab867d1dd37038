"""Metric data of one region, indexed by metric: exact to the second for an hour, to the minute for a day."""

from __future__ import annotations

import math
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

MINUTE, HOUR, DAY = 60, 3600, 86_400
PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
STATISTICS = {"Average", "Maximum", "Minimum", "SampleCount", "Sum"}


@dataclass(frozen=True)
class Metric:
    """`dimensions` are sorted pairs: the same ones in another order are the same metric."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def of(namespace: str, name: str, dimensions: Mapping[str, str]) -> Metric:
        return Metric(namespace, name, tuple(sorted(dimensions.items())))


class Store:
    """Times are seconds since the epoch. Data in several units lies apart, as on AWS."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._series: dict[Metric, dict[str, dict[int, Bucket]]] = {}

    def add(
        self, metric: Metric, value: float, at: float, unit: str = "None", count: float = 1
    ) -> None:
        with self._lock:
            self._bucket(metric, at, unit).add(value, count)

    def merge(self, metric: Metric, bucket: Bucket, at: float, unit: str = "None") -> None:
        with self._lock:
            self._bucket(metric, at, unit).merge(bucket)

    def windows(
        self, metric: Metric, start: float, count: int, period: float, unit: str | None = None
    ) -> list[Bucket]:
        """`count` windows of `period` seconds from `start` on, the empty ones too; without a unit, whatever it is."""
        found = [Bucket() for _ in range(count)]
        with self._lock:
            units = self._series.get(metric, {})
            for name, series in units.items():
                for at, bucket in series.items() if unit in (None, name) else ():
                    if 0 <= (index := int((at - start) // period)) < count:
                        found[index].merge(bucket)
        return found

    def unit(self, metric: Metric) -> str:
        with self._lock:
            return next(iter(self._series.get(metric, {})), "None")

    def metrics(self) -> list[Metric]:
        with self._lock:
            return list(self._series)

    def sweep(self, now: float) -> None:
        """Lay the seconds of what is older than an hour together, and forget what is older than a day."""
        with self._lock:
            for metric, units in list(self._series.items()):
                kept = {unit: _swept(series, now) for unit, series in units.items()}
                self._series[metric] = {unit: series for unit, series in kept.items() if series}
                if not self._series[metric]:
                    del self._series[metric]

    def _bucket(self, metric: Metric, at: float, unit: str) -> Bucket:
        return (
            self._series.setdefault(metric, {}).setdefault(unit, {}).setdefault(int(at), Bucket())
        )


def _swept(series: dict[int, Bucket], now: float) -> dict[int, Bucket]:
    kept: defaultdict[int, Bucket] = defaultdict(Bucket)
    for at, bucket in series.items():
        if at >= now - HOUR:
            kept[at].merge(bucket)
        elif at >= now - DAY:
            kept[at // MINUTE * MINUTE].merge(bucket)
    return dict(kept)


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
