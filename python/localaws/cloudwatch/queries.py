"""Metric queries of alarms and of GetMetricData: statistics of metrics, and expressions over them.

A query refers to others by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from localaws.cloudwatch import expressions
from localaws.cloudwatch.expressions import ExpressionError, Series
from localaws.cloudwatch.store import Metric


@dataclass(frozen=True)
class Stat:
    """`statistic` is Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p95.

    `period` is in seconds.
    """

    metric: Metric
    statistic: str
    period: int
    unit: str | None = None


Queries = Mapping[str, Stat | str]  # an expression is text
Read = Callable[[Stat, int], Series]  # the values of a statistic in windows of that many seconds


def period(queries: Queries, query_id: str) -> int:
    """The longest period among the statistics that the query uses. Raises ExpressionError."""
    return max(stat.period for stat in _stats(queries, query_id, frozenset()))


def values(
    queries: Queries,
    query_id: str,
    read: Read,
    period: int,
    count: int,
) -> Series:
    """The values of the query in `count` windows of `period` seconds. Raises ExpressionError."""
    query = _find(queries, query_id)
    if isinstance(query, Stat):
        return read(query, period)
    return expressions.evaluate(
        query,
        lambda name: values(queries, name, read, period, count),
        count,
    )


def _stats(queries: Queries, query_id: str, users: frozenset[str]) -> list[Stat]:
    """The statistics that the query uses; `users` are the expressions on the way to it."""
    query = _find(queries, query_id)
    if query_id in users:
        raise ExpressionError(f"The expression {query_id} uses itself.")
    if isinstance(query, Stat):
        return [query]
    stats = []
    for name in sorted(expressions.names(query)):
        stats += _stats(queries, name, users | {query_id})
    if not stats:
        raise ExpressionError(f"The expression '{query}' uses no metric.")
    return stats


def _find(queries: Queries, query_id: str) -> Stat | str:
    if query_id not in queries:
        raise ExpressionError(f"There is no metric with the id {query_id}.")
    return queries[query_id]
