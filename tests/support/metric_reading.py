"""Metrics to put and read in tests."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts import Account
from eventually import eventually


class Metrics:
    def __init__(self, account: Account) -> None:
        self.cloudwatch = account.client("cloudwatch")
        self.logs = account.client("logs")

    def value(
        self, namespace: str, name: str, statistic: str = "Sum", **dimensions: str
    ) -> float | None:
        """Of the last ten minutes; None without data."""
        values = self.ask({"m": stat(namespace, name, statistic, **dimensions)}, period=1200)["m"]
        return values[0] if values else None

    def ask(self, queries: dict[str, dict[str, Any] | str], period: int) -> dict[str, list[float]]:
        """The values of statistics (of `stat`) and expressions, by their ids."""
        request = [
            {"Id": name, "Expression": query}
            if isinstance(query, str)
            else {"Id": name, "MetricStat": {**query, "Period": period}}
            for name, query in queries.items()
        ]
        now = datetime.now(UTC)
        answer = self.cloudwatch.get_metric_data(
            MetricDataQueries=request,
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=1),
            ScanBy="TimestampAscending",
        )
        return {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}

    def wait_for(self, namespace: str, name: str, expected: float, **dimensions: str) -> None:
        """Wait until the sum is `expected`."""
        eventually(lambda: self.value(namespace, name, **dimensions) == expected)

    def log_group(self) -> str:
        name = f"/test/{uuid.uuid4().hex[:8]}"
        self.logs.create_log_group(logGroupName=name)
        self.logs.create_log_stream(logGroupName=name, logStreamName="s")
        return name

    def filter(
        self, group: str, pattern: str, name: str = "Count", value: str = "1", **more: Any
    ) -> None:
        """The namespace of its metric is the name of the group."""
        self.logs.put_metric_filter(
            logGroupName=group,
            filterName=name,
            filterPattern=pattern,
            metricTransformations=[
                {"metricName": name, "metricNamespace": group, "metricValue": value, **more}
            ],
        )

    def log(self, group: str, *messages: str, seconds_ago: float = 0) -> None:
        at = int((time.time() - seconds_ago) * 1000)
        events = [{"timestamp": at, "message": message} for message in messages]
        self.logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def stat(namespace: str, name: str, statistic: str = "Sum", **dimensions: str) -> dict[str, Any]:
    pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {
        "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": pairs},
        "Stat": statistic,
    }
