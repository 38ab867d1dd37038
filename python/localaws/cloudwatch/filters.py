"""Metric filters: they turn new log events into metric data. moto only stores them."""

from __future__ import annotations

import math
from typing import Any

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogsBackend

from localaws.cloudwatch import metrics, patterns
from localaws.json_object import JsonObject
from localaws.server.patching import change

MINUTES_REMEMBERED = 10_000


@change(LogsBackend)
def put_metric_filter(
    moto: Any,
    self: Any,
    filter_name: str,
    filter_pattern: str,
    log_group_name: str,
    metric_transformations: Any,
) -> None:
    """Replace a filter of the same name; moto appends another one and uses the first."""
    try:
        patterns.matcher(filter_pattern)
    except patterns.PatternError as error:
        raise InvalidParameterException(f"Invalid metric filter pattern: {error}") from error
    self.filters.metric_filters = [
        other
        for other in self.filters.metric_filters
        if (other["filterName"], other["logGroupName"]) != (filter_name, log_group_name)
    ]
    moto(self, filter_name, filter_pattern, log_group_name, metric_transformations)


@change(LogsBackend)
def put_log_events(
    moto: Any,
    self: Any,
    log_group_name: str,
    log_stream_name: str,
    log_events: list[JsonObject],
) -> Any:
    answer = moto(self, log_group_name, log_stream_name, log_events)
    for metric_filter in list(self.filters.metric_filters):
        if metric_filter["logGroupName"] == log_group_name:
            for event in log_events:
                _apply(self, metric_filter, event["message"], event["timestamp"] / 1000)
    return answer


def _apply(
    backend: Any,
    metric_filter: JsonObject,
    text: str,
    at: float,
) -> None:
    """Put the filter's values, or its default once per minute that has events but no match yet."""
    minute = (metric_filter["logGroupName"], metric_filter["filterName"], int(at // 60))
    minutes: set[Any] = vars(backend).setdefault("minutes_with_data", set())
    matches = patterns.matcher(metric_filter["filterPattern"])(text)
    if minute in minutes and not matches:
        return
    if len(minutes) > MINUTES_REMEMBERED:
        minutes.clear()
    minutes.add(minute)
    event = patterns.parse_event(text) if matches else None
    for transformation in metric_filter["metricTransformations"]:
        value = transformation.get("metricValue" if matches else "defaultValue")
        if matches and value.startswith("$"):
            value = patterns.select(value, event)
        _put(backend, transformation, value, event, at)


def _put(
    backend: Any,
    transformation: JsonObject,
    value: Any,
    event: JsonObject | None,
    at: float,
) -> None:
    """Put nothing where the value is not a finite number, or where a dimension is missing."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return
    dimensions = {}
    for name, selector in (transformation.get("dimensions") or {}).items():
        label = patterns.select(selector, event)
        if label is patterns.ABSENT or isinstance(label, (dict, list)):
            return
        dimensions[name] = str(label)
    if math.isfinite(number):
        metrics.put(
            backend.account_id,
            backend.region_name,
            transformation["metricNamespace"],
            dimensions,
            {transformation["metricName"]: number},
            transformation.get("unit") or "None",
            at,
        )
