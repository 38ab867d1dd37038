"""What DescribeTrainingJob returns while a job runs: status transitions, times and metrics."""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from moto.core.utils import utcnow

from localaws.json_object import JsonObject
from localaws.persistence import changes

RUNNING = {"InProgress", "Stopping"}
MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Stopping": "Stopping the training job",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job wait time exceeded MaxWaitTimeInSeconds provided",
}


class JobRecord:
    """Writes into moto's job, which other threads read.

    So it adds no attribute later, and changes no list or dict in place. `entered` is when the
    current secondary status began, by the monotonic clock.
    """

    def __init__(self, job: Any) -> None:
        self.entered = time.monotonic()
        self._job = job
        self._lock = threading.Lock()

    @staticmethod
    def start(job: Any, definitions: list[dict[str, str]]) -> None:
        """Turn a job that moto calls completed into one that starts."""
        job.algorithm_specification["MetricDefinitions"] = definitions
        job.training_job_status = "InProgress"
        job.secondary_status = "Starting"
        job.secondary_status_transitions = [_transition("Starting", job.creation_time)]
        job.final_metric_data_list = []
        for attribute in (
            "environment",
            "training_start_time",
            "training_end_time",
            "training_time_in_seconds",
            "billable_time_in_seconds",
            "failure_reason",
        ):
            setattr(job, attribute, None)

    def enter(self, status: str) -> None:
        """Start a secondary status."""
        with self._lock:
            self._enter(status)
        changes.save_service("sagemaker")

    def stopping(self) -> str | None:
        """Start to stop; returns the main status of a job that does not run any more."""
        with self._lock:
            status: str = self._job.training_job_status
            if status not in RUNNING:
                return status
            if status != "Stopping":
                self._job.training_job_status = "Stopping"
                self._enter("Stopping")
            return None

    def instances_started(self) -> None:
        self._job.training_start_time = utcnow()

    def end(
        self,
        secondary_status: str,
        status: str,
        reason: str | None = None,
    ) -> None:
        """The last transition: from now on nothing changes."""
        with self._lock:
            now = utcnow()
            started = self._job.training_start_time
            if started is not None:
                seconds = math.ceil((now - started).total_seconds())
                self._job.training_time_in_seconds = seconds
                self._job.billable_time_in_seconds = seconds
                self._job.training_end_time = now
            self._job.failure_reason = reason
            self._enter(secondary_status)
            self._job.secondary_status_transitions = self._ended_transitions(now)
            # Last: a waiting client reads the rest as soon as it sees this.
            self._job.training_job_status = status
        changes.save_service("sagemaker")

    def measure(self, metrics: Mapping[str, float]) -> None:
        """Record the newest values of some metrics."""
        now = utcnow()
        newest = [
            {"MetricName": name, "Value": value, "Timestamp": now}
            for name, value in metrics.items()
        ]
        others = [
            metric
            for metric in self._job.final_metric_data_list
            if metric["MetricName"] not in metrics
        ]
        self._job.final_metric_data_list = others + newest

    def _enter(self, status: str) -> None:
        now = utcnow()
        transitions = self._ended_transitions(now)
        self._job.secondary_status_transitions = [*transitions, _transition(status, now)]
        self._job.last_modified_time = now
        self._job.secondary_status = status
        self.entered = time.monotonic()

    def _ended_transitions(self, now: Any) -> list[JsonObject]:
        *former, last = self._job.secondary_status_transitions
        return [*former, {**last, "EndTime": now}]


def parse_metrics(line: str, patterns: Mapping[str, re.Pattern[str]]) -> dict[str, float]:
    """The metrics in a log line: the first group of each pattern that is a finite number."""
    metrics = {}
    for name, pattern in patterns.items():
        match = pattern.search(line)
        try:
            value = float(match[1] or "") if match else math.nan
        except ValueError:
            continue
        if math.isfinite(value):
            metrics[name] = value
    return metrics


def compile_patterns(definitions: Iterable[Mapping[str, str]]) -> dict[str, re.Pattern[str]]:
    """Patterns by metric name. Raises ValueError for a pattern that can match no number."""
    patterns = {}
    for definition in definitions:
        name = definition["Name"]
        try:
            pattern = re.compile(definition["Regex"])
        except re.error as error:
            raise ValueError(f"The regex of metric {name} is not valid: {error}.") from error
        if not pattern.groups:
            raise ValueError(f"The regex of metric {name} has no group to read the value from.")
        patterns[name] = pattern
    return patterns


def _transition(status: str, start: Any) -> JsonObject:
    return {"Status": status, "StartTime": start, "StatusMessage": MESSAGES[status]}
