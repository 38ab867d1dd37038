"""Metrics: put, listed and read. moto keeps all data in one list, and scans it for each window."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import (
    InvalidParameterCombination,
    InvalidParameterValue,
    ValidationError,
)
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends

from localaws.cloudwatch import queries as metric_queries
from localaws.cloudwatch.expressions import ExpressionError, Series
from localaws.cloudwatch.queries import Queries, Stat
from localaws.cloudwatch.store import Bucket, Metric, Store, UnknownStatisticError
from localaws.json_object import JsonObject
from localaws.server.patching import change

COMPUTED_BY_MOTO = "AWS/S3"  # whenever these metrics are read
DATAPOINTS = 100_800  # of an answer to GetMetricData
STATISTICS_DATAPOINTS = 1_440  # of an answer to GetMetricStatistics


def put(
    account_id: str,
    region: str,
    namespace: str,
    dimensions: Mapping[str, str],
    values: Mapping[str, float],
    unit: str,
    at: float,
) -> None:
    """Add a datum to each metric of `values`; `at` is in seconds since the epoch."""
    data = store(cloudwatch_backends[account_id][region])
    for name, value in values.items():
        data.add(Metric.of(namespace, name, dimensions), float(value), at, unit)


def store(backend: Any, namespace: str | None = None) -> Store:
    """The metric data of an account's region."""
    if namespace == COMPUTED_BY_MOTO:
        return _read_from_moto(backend)
    data: Store = vars(backend).setdefault("metrics", Store())
    return data


def _read_from_moto(backend: Any) -> Store:
    data = Store()
    for datum in backend.aws_metric_data:
        dimensions = {dimension.name: dimension.value for dimension in datum.dimensions}
        metric = Metric.of(datum.namespace, datum.name, dimensions)
        data.add(metric, datum.value, _epoch(datum.timestamp), datum.unit)
    return data


@change(CloudWatchBackend)
def put_metric_data(
    _moto: Any,
    self: Any,
    namespace: str,
    metric_data: list[JsonObject],
) -> None:
    for index, datum in enumerate(metric_data):
        self._validate_parameters_put_metric_data(datum, index + 1)
    for datum in metric_data:
        metric = _metric(namespace, datum["MetricName"], datum.get("Dimensions"))
        at = _epoch(datum.get("Timestamp"))
        store(self).merge(metric, _bucket(datum), at, datum.get("Unit") or "None")


def _bucket(datum: JsonObject) -> Bucket:
    statistics = datum.get("StatisticValues")
    if statistics:
        return Bucket(
            float(statistics["SampleCount"]),
            float(statistics["Sum"]),
            float(statistics["Minimum"]),
            float(statistics["Maximum"]),
        )
    bucket = Bucket()
    values = datum.get("Values") or [datum.get("Value", 0)]
    counts = datum.get("Counts") or [1] * len(values)
    for value, count in zip(values, counts, strict=True):
        bucket.add(float(value), float(count))
    return bucket


@change(CloudWatchBackend)
def get_filtered_metrics(
    _moto: Any,
    self: Any,
    metric_name: str | None,
    namespace: str | None,
    dimensions: list[dict[str, str]],
) -> list[JsonObject]:
    """The metrics with all of `dimensions`; a dimension without a value matches every value."""
    candidates = store(self).metrics()
    if namespace in (None, COMPUTED_BY_MOTO):
        candidates += store(self, COMPUTED_BY_MOTO).metrics()
    return [
        {
            "Namespace": metric.namespace,
            "MetricName": metric.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
        }
        for metric in candidates
        if namespace in (None, "", metric.namespace)
        and metric_name in (None, "", metric.name)
        and all(_has_dimension(metric, dimension) for dimension in dimensions)
    ]


def _has_dimension(metric: Metric, dimension: Mapping[str, str]) -> bool:
    values = dict(metric.dimensions)
    name = dimension["Name"]
    return name in values and dimension.get("Value") in (None, values[name])


@change(CloudWatchBackend)
def get_metric_data(
    _moto: Any,
    self: Any,
    queries: list[JsonObject],
    start_time: datetime,
    end_time: datetime,
    scan_by: str = "TimestampAscending",
) -> list[JsonObject]:
    start, end = _epoch(start_time), _epoch(end_time)
    if start >= end:
        raise ValidationError("The parameter EndTime must be greater than StartTime.")
    parsed = {query["Id"]: _parse_query(query) for query in queries}
    results = []
    for query in queries:
        if not query.get("ReturnData", True):
            continue
        query_id = query["Id"]
        try:
            values = _read_query(self, parsed, query_id, start, end)
        except (ExpressionError, UnknownStatisticError) as error:
            raise ValidationError(f"Error in expression '{query_id}': {error}") from error
        times = sorted(values, reverse=scan_by == "TimestampDescending")
        results.append(
            {
                "id": query_id,
                "label": query.get("Label") or _label(parsed[query_id], query_id),
                "values": [values[at] for at in times],
                "timestamps": [datetime.fromtimestamp(at, UTC) for at in times],
                "status_code": "Complete",
            }
        )
    return results


def _parse_query(query: JsonObject) -> Stat | str:
    if "MetricStat" not in query:
        return str(query["Expression"])
    stat = query["MetricStat"]
    names = stat["Metric"]
    metric = _metric(names["Namespace"], names["MetricName"], names.get("Dimensions"))
    return Stat(metric, stat["Stat"], int(stat["Period"]), stat.get("Unit"))


def _label(query: Stat | str, query_id: str) -> str:
    return f"{query.metric.name} {query.statistic}" if isinstance(query, Stat) else query_id


def _read_query(
    backend: Any,
    queries: Queries,
    query_id: str,
    start: float,
    end: float,
) -> dict[float, float]:
    """The values that are present, by the start of their window."""
    period = metric_queries.period(queries, query_id)
    first, count = _windows(start, end, period)
    if count > DATAPOINTS:
        raise ValidationError(
            f"{count} datapoints are more than the {DATAPOINTS} of one answer. "
            "Ask for a shorter time span."
        )
    values = metric_queries.values(
        queries,
        query_id,
        lambda stat, seconds: read(backend, stat, first, count, seconds),
        period,
        count,
    )
    return {
        first + index * period: value for index, value in enumerate(values) if value is not None
    }


def _windows(start: float, end: float, period: float) -> tuple[float, int]:
    """Start of the first window and their number.

    As on AWS, the first one starts with a whole minute, or with a whole period that is shorter.
    """
    grid = min(period, 60)
    first = start // grid * grid
    return first, max(1, int(-(-(end - first) // period)))


def read(
    backend: Any,
    stat: Stat,
    start: float,
    count: int,
    period: int,
) -> Series:
    """Raises UnknownStatisticError."""
    data = store(backend, stat.metric.namespace)
    windows = data.windows(stat.metric, start, count, period, stat.unit)
    return [window.statistic(stat.statistic) for window in windows]


@change(CloudWatchBackend)
def get_metric_statistics(
    _moto: Any,
    self: Any,
    namespace: str,
    metric_name: str,
    start_time: datetime,
    end_time: datetime,
    period: int,
    stats: list[str],
    dimensions: list[dict[str, str]],
    unit: str | None = None,
) -> list[JsonObject]:
    start, end = _epoch(start_time), _epoch(end_time)
    if start >= end:
        raise InvalidParameterValue(
            "The parameter StartTime must be less than the parameter EndTime."
        )
    first, count = _windows(start, end, period)
    if count > STATISTICS_DATAPOINTS:
        raise InvalidParameterCombination(
            f"You have requested up to {count:,} datapoints, "
            f"which exceeds the limit of {STATISTICS_DATAPOINTS:,}."
        )
    metric = _metric(namespace, metric_name, dimensions)
    data = store(self, namespace)
    windows = data.windows(metric, first, count, period, unit)
    return [
        {
            "Timestamp": datetime.fromtimestamp(first + index * period, UTC),
            "Unit": unit or data.unit(metric),
            **{stat: window.statistic(stat) for stat in stats or []},
        }
        for index, window in enumerate(windows)
        if window.count
    ]


def _metric(namespace: str, name: str, dimensions: list[dict[str, str]] | None) -> Metric:
    values = {dimension["Name"]: dimension["Value"] for dimension in dimensions or []}
    return Metric.of(namespace, name, values)


def _epoch(at: datetime | None) -> float:
    if at is None:
        return time.time()
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
