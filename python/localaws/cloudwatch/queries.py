"""Metric queries: statistics of metrics, and expressions over them, by their ids; of alarms and of GetMetricData."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from localaws.cloudwatch import expressions
from localaws.cloudwatch.expressions import ExpressionError, Series
from localaws.cloudwatch.store import Metric


@dataclass(frozen=True)
class Stat:
    """`statistic` is Sum, Average, Minimum, Maximum, SampleCount or one such as p95; `period` is in seconds."""

    metric: Metric
    statistic: str
    period: int
    unit: str | None = None


Queries = Mapping[str, Stat | str]  # an expression is text
Read = Callable[[Stat, int], Series]  # the values of a statistic in windows of that many seconds


def period(queries: Queries, wanted: str) -> int:
    """The longest period of what the query rests on. Raises ExpressionError."""
    return max(stat.period for stat in stats(queries, wanted))


def stats(queries: Queries, wanted: str, above: frozenset[str] = frozenset()) -> list[Stat]:
    """The statistics that the query rests on. Raises ExpressionError."""
    query = _query(queries, wanted, above)
    if isinstance(query, Stat):
        return [query]
    names = sorted(expressions.names(query))
    found = [stat for name in names for stat in stats(queries, name, above | {wanted})]
    if not found:
        raise ExpressionError(f"The expression '{query}' speaks of no metric.")
    return found


def values(queries: Queries, wanted: str, read: Read, length: int, count: int) -> Series:
    """The values of the query in `count` windows of `length` seconds. Raises ExpressionError."""
    query = _query(queries, wanted)
    if isinstance(query, Stat):
        return read(query, length)
    result = expressions.evaluate(query, lambda name: values(queries, name, read, length, count))
    if isinstance(result, list):
        return result
    return [None if math.isnan(result) else result] * count


def _query(queries: Queries, wanted: str, above: frozenset[str] = frozenset()) -> Stat | str:
    if wanted not in queries:
        raise ExpressionError(f"There is no metric with the id {wanted}.")
    if wanted in above:
        raise ExpressionError(f"The expression {wanted} rests on itself.")
    return queries[wanted]
