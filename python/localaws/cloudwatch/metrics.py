"""Metrics: put, listed and read. moto keeps every datum in one list, and scans all of it for every window."""

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

from localaws.cloudwatch import queries
from localaws.cloudwatch.expressions import ExpressionError, Series
from localaws.cloudwatch.queries import Stat
from localaws.cloudwatch.store import Bucket, Metric, Store, UnknownStatisticError
from localaws.server.patching import change

BY_MOTO = "AWS/S3"  # moto works these out whenever it is asked
DATAPOINTS = 100_800  # of an answer to GetMetricData; GetMetricStatistics has a limit of its own
STATISTICS_DATAPOINTS = 1_440


def put(
    account: str,
    region: str,
    namespace: str,
    name: str,
    value: float,
    dimensions: Mapping[str, str],
    unit: str = "None",
    at: float | None = None,
) -> None:
    """One datum; `at` is in seconds since the epoch, now by default."""
    at = time.time() if at is None else at
    store(cloudwatch_backends[account][region]).add(
        Metric.of(namespace, name, dimensions), float(value), at, unit
    )


def store(backend: Any, namespace: str | None = None) -> Store:
    """The metric data of an account's region."""
    if namespace == BY_MOTO:
        return _of_moto(backend)
    kept: Store = vars(backend).setdefault("metrics", Store())
    return kept


def _of_moto(backend: Any) -> Store:
    kept = Store()
    for datum in backend.aws_metric_data:
        dimensions = {dimension.name: dimension.value for dimension in datum.dimensions}
        kept.add(
            Metric.of(datum.namespace, datum.name, dimensions),
            datum.value,
            _seconds(datum.timestamp),
            datum.unit,
        )
    return kept


@change(CloudWatchBackend)
def put_metric_data(
    _moto: Any, self: Any, namespace: str, metric_data: list[dict[str, Any]]
) -> None:
    for index, datum in enumerate(metric_data):
        self._validate_parameters_put_metric_data(datum, index + 1)
    kept = store(self)
    for datum in metric_data:
        metric = _metric(namespace, datum["MetricName"], datum.get("Dimensions"))
        kept.merge(
            metric, _bucket(datum), _seconds(datum.get("Timestamp")), datum.get("Unit") or "None"
        )


def _bucket(datum: dict[str, Any]) -> Bucket:
    if sets := datum.get("StatisticValues"):
        count, total, least, most = (
            float(sets[name]) for name in ("SampleCount", "Sum", "Minimum", "Maximum")
        )
        return Bucket(count, total, least, most)
    bucket = Bucket()
    values = datum.get("Values") or [datum.get("Value", 0)]
    for value, count in zip(values, datum.get("Counts") or [1] * len(values), strict=True):
        bucket.add(float(value), float(count))
    return bucket


@change(CloudWatchBackend)
def get_filtered_metrics(
    _moto: Any,
    self: Any,
    metric_name: str | None,
    namespace: str | None,
    dimensions: list[dict[str, str]],
) -> list[dict[str, Any]]:
    """Those with all of the dimensions; one without a value may have any."""
    known = [
        *store(self).metrics(),
        *(store(self, BY_MOTO).metrics() if namespace in (None, BY_MOTO) else []),
    ]
    return [
        {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": _pairs(metric)}
        for metric in known
        if namespace in (None, "", metric.namespace)
        and metric_name in (None, "", metric.name)
        and all(_has(metric, dimension) for dimension in dimensions)
    ]


def _has(metric: Metric, dimension: Mapping[str, str]) -> bool:
    return any(
        name == dimension["Name"] and dimension.get("Value") in (None, value)
        for name, value in metric.dimensions
    )


def _pairs(metric: Metric) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in metric.dimensions]


@change(CloudWatchBackend)
def get_metric_data(
    _moto: Any,
    self: Any,
    queries: list[dict[str, Any]],
    start_time: datetime,
    end_time: datetime,
    scan_by: str = "TimestampAscending",
) -> list[dict[str, Any]]:
    start, end = _seconds(start_time), _seconds(end_time)
    if start >= end:
        raise ValidationError("The parameter EndTime must be greater than StartTime.")
    asked = {query["Id"]: _query(query) for query in queries}
    answers = []
    for query in queries:
        if query.get("ReturnData", True):
            try:
                values, times = _series(self, asked, query["Id"], start, end)
            except (ExpressionError, UnknownStatisticError) as error:
                raise ValidationError(f"Error in expression '{query['Id']}': {error}") from error
            found = [
                (at, value) for at, value in zip(times, values, strict=True) if value is not None
            ]
            ordered = found[::-1] if scan_by == "TimestampDescending" else found
            answers.append(
                {
                    "id": query["Id"],
                    "label": query.get("Label") or _label(asked[query["Id"]], query["Id"]),
                    "values": [value for _, value in ordered],
                    "timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in ordered],
                    "status_code": "Complete",
                }
            )
    return answers


def _query(query: dict[str, Any]) -> Stat | str:
    if "MetricStat" not in query:
        return str(query["Expression"])
    stat = query["MetricStat"]
    named = stat["Metric"]
    metric = _metric(named["Namespace"], named["MetricName"], named.get("Dimensions"))
    return Stat(metric, stat["Stat"], int(stat["Period"]), stat.get("Unit"))


def _label(query: Stat | str, identity: str) -> str:
    return f"{query.metric.name} {query.statistic}" if isinstance(query, Stat) else identity


def _series(
    backend: Any, asked: Mapping[str, Stat | str], wanted: str, start: float, end: float
) -> tuple[Series, list[float]]:
    period = queries.period(asked, wanted)
    first, count = _windows(start, end, period)
    if count > DATAPOINTS:
        raise ValidationError(
            f"{count} datapoints are more than the {DATAPOINTS} of one answer. Ask for less time."
        )
    values = queries.values(
        asked, wanted, lambda stat, length: read(backend, stat, first, count, length), period, count
    )
    return values, [first + index * period for index in range(count)]


def _windows(start: float, end: float, period: float) -> tuple[float, int]:
    """As on AWS, the first one begins with a whole minute, or with a whole period that is shorter."""
    first = start // min(period, 60) * min(period, 60)
    return first, max(1, int(-(-(end - first) // period)))


def read(backend: Any, stat: Stat, start: float, count: int, period: int) -> Series:
    """Raises UnknownStatisticError."""
    windows = store(backend, stat.metric.namespace).windows(
        stat.metric, start, count, period, stat.unit
    )
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
) -> list[dict[str, Any]]:
    start, end = _seconds(start_time), _seconds(end_time)
    if start >= end:
        raise InvalidParameterValue(
            "The parameter StartTime must be less than the parameter EndTime."
        )
    metric, kept = _metric(namespace, metric_name, dimensions), store(self, namespace)
    first, count = _windows(start, end, period)
    if count > STATISTICS_DATAPOINTS:
        raise InvalidParameterCombination(
            f"You have requested up to {count:,} datapoints, which exceeds the limit of {STATISTICS_DATAPOINTS:,}."
        )
    windows = kept.windows(metric, first, count, period, unit)
    return [
        {
            "Timestamp": datetime.fromtimestamp(first + index * period, UTC),
            "Unit": unit or kept.unit(metric),
            **{stat: window.statistic(stat) for stat in stats or []},
        }
        for index, window in enumerate(windows)
        if window.count
    ]


def _metric(namespace: str, name: str, dimensions: list[dict[str, str]] | None) -> Metric:
    return Metric.of(namespace, name, {pair["Name"]: pair["Value"] for pair in dimensions or []})


def _seconds(at: datetime | None) -> float:
    if at is None:
        return time.time()
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
