"""Metric data of one region: exact to the second for an hour, to the minute for a day."""

from __future__ import annotations

import math
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

MINUTE, HOUR, DAY = 60, 3600, 86_400
PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
STATISTICS: dict[str, Callable[[Bucket], float]] = {
    "Average": lambda bucket: bucket.sum / bucket.count,
    "Maximum": lambda bucket: bucket.maximum,
    "Minimum": lambda bucket: bucket.minimum,
    "SampleCount": lambda bucket: bucket.count,
    "Sum": lambda bucket: bucket.sum,
}


class UnknownStatisticError(ValueError):
    """A statistic that is not computed here."""


@dataclass(frozen=True)
class Metric:
    """`dimensions` are sorted pairs, so that their order in a request does not matter."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def of(namespace: str, name: str, dimensions: Mapping[str, str]) -> Metric:
        return Metric(namespace, name, tuple(sorted(dimensions.items())))


@dataclass(slots=True)
class Bucket:
    """The data of a time span. `values` counts the values, at four digits, for percentiles."""

    count: float = 0
    sum: float = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    values: Counter[float] = field(default_factory=Counter)

    def add(self, value: float, count: float = 1) -> None:
        rounded = float(f"{value:.4g}")
        self.merge(Bucket(count, value * count, value, value, Counter({rounded: count})))

    def merge(self, other: Bucket) -> None:
        self.count += other.count
        self.sum += other.sum
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        self.values.update(other.values)

    def statistic(self, name: str) -> float | None:
        """None where nothing was measured. Raises UnknownStatisticError."""
        percentile = PERCENTILE.fullmatch(name)
        if not percentile and name not in STATISTICS:
            raise UnknownStatisticError(f"The statistic {name} is not supported.")
        if not self.count:
            return None
        if percentile:
            return self._percentile(float(percentile[1]))
        return STATISTICS[name](self)

    def _percentile(self, percent: float) -> float | None:
        """The least value that is not exceeded by `percent` of the data.

        None for statistic sets, whose values are unknown.
        """
        remaining = self.values.total() * percent / 100
        for value in sorted(self.values):
            remaining -= self.values[value]
            if remaining <= 0:
                return max(self.minimum, min(value, self.maximum))
        return None


Seconds = defaultdict[int, Bucket]  # by the second, since the epoch, with which a bucket begins


class Store:
    """Times are seconds since the epoch. Data in different units is kept apart, as on AWS."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._series: dict[Metric, dict[str, Seconds]] = {}

    def add(
        self,
        metric: Metric,
        value: float,
        at: float,
        unit: str = "None",
        count: float = 1,
    ) -> None:
        bucket = Bucket()
        bucket.add(value, count)
        self.merge(metric, bucket, at, unit)

    def merge(
        self,
        metric: Metric,
        bucket: Bucket,
        at: float,
        unit: str = "None",
    ) -> None:
        with self._lock:
            units = self._series.setdefault(metric, {})
            seconds = units.setdefault(unit, defaultdict(Bucket))
            seconds[int(at)].merge(bucket)

    def windows(
        self,
        metric: Metric,
        start: float,
        count: int,
        period: float,
        unit: str | None = None,
    ) -> list[Bucket]:
        """`count` windows of `period` seconds from `start` on, also empty ones.

        Without a unit, data in all units is merged.
        """
        windows = [Bucket() for _ in range(count)]
        with self._lock:
            for name, seconds in self._series.get(metric, {}).items():
                if unit not in (None, name):
                    continue
                for at, bucket in seconds.items():
                    index = int((at - start) // period)
                    if 0 <= index < count:
                        windows[index].merge(bucket)
        return windows

    def unit(self, metric: Metric) -> str:
        with self._lock:
            return next(iter(self._series.get(metric, {})), "None")

    def metrics(self) -> list[Metric]:
        with self._lock:
            return list(self._series)

    def sweep(self, now: float) -> None:
        """Merge seconds older than an hour into minutes, and delete data older than a day."""
        with self._lock:
            for metric, units in list(self._series.items()):
                for unit, seconds in list(units.items()):
                    units[unit] = _swept(seconds, now)
                    if not units[unit]:
                        del units[unit]
                if not units:
                    del self._series[metric]


def _swept(seconds: Seconds, now: float) -> Seconds:
    recent: Seconds = defaultdict(Bucket)
    for at, bucket in seconds.items():
        if at >= now - HOUR:
            recent[at].merge(bucket)
        elif at >= now - DAY:
            recent[at // MINUTE * MINUTE].merge(bucket)
    return recent
