"""Metric filters: they turn what is logged from now on into metric data. moto keeps them, and looks at no event."""

from __future__ import annotations

import math
from typing import Any

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogsBackend

from localaws.cloudwatch import metrics, patterns
from localaws.server.patching import change


@change(LogsBackend)
def put_metric_filter(
    moto: Any,
    self: Any,
    filter_name: str,
    filter_pattern: str,
    log_group_name: str,
    metric_transformations: Any,
) -> None:
    """The last one counts. moto appends, and the first one wins."""
    try:
        patterns.matcher(filter_pattern)
    except patterns.PatternError as error:
        raise InvalidParameterException(f"Invalid metric filter pattern: {error}") from error
    self.filters.metric_filters = [
        kept
        for kept in self.filters.metric_filters
        if (kept["filterName"], kept["logGroupName"]) != (filter_name, log_group_name)
    ]
    moto(self, filter_name, filter_pattern, log_group_name, metric_transformations)


@change(LogsBackend)
def put_log_events(
    moto: Any,
    self: Any,
    log_group_name: str,
    log_stream_name: str,
    log_events: list[dict[str, Any]],
) -> Any:
    answer = moto(self, log_group_name, log_stream_name, log_events)
    for known in list(self.filters.metric_filters):
        if known["logGroupName"] == log_group_name:
            for event in log_events:
                _apply(self, known, event)
    return answer


def _apply(backend: Any, known: dict[str, Any], event: dict[str, Any]) -> None:
    text, at = event["message"], event["timestamp"] / 1000
    minute = (known["logGroupName"], known["filterName"], int(at // 60))
    minutes: set[tuple[str, str, int]] = vars(backend).setdefault("minutes_with_data", set())
    if len(minutes) > 10_000:
        minutes.clear()
    if patterns.matcher(known["filterPattern"])(text):
        minutes.add(minute)
        for transformation in known["metricTransformations"]:
            if (value := _value(transformation["metricValue"], text)) is not None:
                _put(backend, transformation, value, at, patterns.parsed(text))
    elif (
        minute not in minutes
    ):  # a minute with events, but none that matches yet, has the default once
        minutes.add(minute)
        for transformation in known["metricTransformations"]:
            if transformation.get("defaultValue") is not None:
                _put(backend, transformation, float(transformation["defaultValue"]), at, None)


def _put(
    backend: Any,
    transformation: dict[str, Any],
    value: float,
    at: float,
    event: dict[str, Any] | None,
) -> None:
    dimensions = {
        name: patterns.selected(selector, event)
        for name, selector in (transformation.get("dimensions") or {}).items()
    }
    if any(
        found is patterns.ABSENT or isinstance(found, (dict, list)) for found in dimensions.values()
    ):
        return
    metrics.put(
        backend.account_id,
        backend.region_name,
        transformation["metricNamespace"],
        transformation["metricName"],
        value,
        {name: str(found) for name, found in dimensions.items()},
        transformation.get("unit") or "None",
        at,
    )


def _value(wanted: str, text: str) -> float | None:
    """A number, or what a selector finds; None where that is no number."""
    found = patterns.selected(wanted, patterns.parsed(text)) if wanted.startswith("$") else wanted
    try:
        number = float(found)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
