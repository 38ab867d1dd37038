"""CloudWatch Logs: a metric filter that is put again replaces the former one. moto appends, and the first one wins."""

from __future__ import annotations

from typing import Any

from moto.logs.models import LogsBackend

from localaws.patching import change


@change(LogsBackend)
def put_metric_filter(
    moto: Any, self: Any, filter_name: str, filter_pattern: str, log_group_name: str, metric_transformations: Any
) -> None:
    self.filters.metric_filters = [
        kept
        for kept in self.filters.metric_filters
        if (kept["filterName"], kept["logGroupName"]) != (filter_name, log_group_name)
    ]
    moto(self, filter_name, filter_pattern, log_group_name, metric_transformations)
