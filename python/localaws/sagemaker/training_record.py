"""What DescribeTrainingJob tells of a job while it runs: status steps, times and metrics."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from moto.core.utils import utcnow

ENDED = {"Completed", "Failed", "Stopped"}
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


class Record:
    """Writes into moto's job, which other threads read: no attribute is added, no list or dict changed in place."""

    def __init__(self, job: Any) -> None:
        self._job = job
        self._lock = threading.Lock()

    @staticmethod
    def begin(job: Any, definitions: list[dict[str, str]]) -> None:
        """Turn a job that moto calls completed into one that starts."""
        job.algorithm_specification["MetricDefinitions"] = definitions
        job.environment = None
        job.training_job_status = "InProgress"
        job.secondary_status = "Starting"
        job.secondary_status_transitions = [_step("Starting", job.creation_time)]
        job.final_metric_data_list = []
        job.training_start_time = None
        job.training_end_time = None
        job.training_time_in_seconds = None
        job.billable_time_in_seconds = None
        job.failure_reason = None

    def enter(self, step: str) -> None:
        """Begin a secondary status."""
        with self._lock:
            self._enter(step)

    def stopping(self) -> str | None:
        """Begin to stop; returns the main status of a job for which it is too late."""
        with self._lock:
            if self._job.training_job_status in ENDED:
                status: str = self._job.training_job_status
                return status
            if self._job.training_job_status != "Stopping":
                self._job.training_job_status = "Stopping"
                self._enter("Stopping")
            return None

    def instances_started(self) -> None:
        self._job.training_start_time = utcnow()

    def end(self, step: str, status: str, reason: str | None = None) -> None:
        """The last step: from now on nothing changes."""
        with self._lock:
            now = utcnow()
            if self._job.training_start_time is not None:
                seconds = math.ceil((now - self._job.training_start_time).total_seconds())
                self._job.training_time_in_seconds = self._job.billable_time_in_seconds = seconds
                self._job.training_end_time = now
            self._job.failure_reason = reason
            self._enter(step)
            *before, last = self._job.secondary_status_transitions
            self._job.secondary_status_transitions = [*before, {**last, "EndTime": now}]
            self._job.training_job_status = (
                status  # last: a waiting client reads the rest when it sees this
            )

    def measure(self, metrics: Mapping[str, float]) -> None:
        """Note the newest values of some metrics."""
        now = utcnow()
        new = [
            {"MetricName": name, "Value": value, "Timestamp": now}
            for name, value in metrics.items()
        ]
        old = [
            metric
            for metric in self._job.final_metric_data_list
            if metric["MetricName"] not in metrics
        ]
        self._job.final_metric_data_list = old + new

    def _enter(self, step: str) -> None:
        now = utcnow()
        *before, last = self._job.secondary_status_transitions
        self._job.secondary_status_transitions = [
            *before,
            {**last, "EndTime": now},
            _step(step, now),
        ]
        self._job.last_modified_time = now
        self._job.secondary_status = step


def metrics_in(line: str, patterns: Mapping[str, re.Pattern[str]]) -> dict[str, float]:
    """The metrics that a log line holds: the first group of each pattern that matches and is a finite number."""
    found = {
        name: _number(match.group(1))
        for name, pattern in patterns.items()
        if (match := pattern.search(line))
    }
    return {name: value for name, value in found.items() if value is not None}


def compiled(definitions: Iterable[Mapping[str, str]]) -> dict[str, re.Pattern[str]]:
    """Patterns by metric name. Raises ValueError with a sentence for one that can match no number."""
    patterns = {}
    for definition in definitions:
        try:
            pattern = re.compile(definition["Regex"])
        except re.error as error:
            raise ValueError(
                f"The regex of metric {definition['Name']} is not valid: {error}."
            ) from error
        if not pattern.groups:
            raise ValueError(
                f"The regex of metric {definition['Name']} has no group to read the value from."
            )
        patterns[definition["Name"]] = pattern
    return patterns


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _step(name: str, start: Any) -> dict[str, Any]:
    return {"Status": name, "StartTime": start, "StatusMessage": MESSAGES[name]}
