"""The path that an execution took, from its history (GetExecutionHistory)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from scones.clients import SFNClient
from scones.json_object import JsonObject

END_STATUSES = {
    "ExecutionSucceeded": "succeeded",
    "ExecutionFailed": "failed",
    "ExecutionTimedOut": "failed",
    "ExecutionAborted": "stopped",
}


@dataclass(frozen=True)
class Visit:
    """A state that was entered.

    `status` is "succeeded", "caught" (an error led to another state), "failed", "stopped" or
    "running"; `attempts` counts how often a task was scheduled.
    """

    state: str
    entered: datetime
    exited: datetime | None = None
    status: str = "running"
    error: str | None = None
    attempts: int = 0

    @property
    def milliseconds(self) -> int | None:
        """The duration; None while it runs. Clocks may differ, so that it is at least zero."""
        if self.exited is None:
            return None
        seconds = (self.exited - self.entered).total_seconds()
        return max(0, round(seconds * 1000))


@dataclass(frozen=True)
class Path:
    """The visited states in order, and the status of the execution."""

    visits: tuple[Visit, ...]
    status: str

    @property
    def statuses(self) -> dict[str, str]:
        """The status of each state's last visit, by name."""
        return {visit.state: visit.status for visit in self.visits}


def read_path(states: SFNClient, arn: str) -> Path:
    """Read the path of an execution. Raises ClientError if there is none."""
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=arn,
        includeExecutionData=False,
    )
    return path(event for page in pages for event in page["events"])


def path(events: Iterable[JsonObject]) -> Path:
    """The path from an execution's events in order; inner states of a Map or Parallel count too."""
    visits: list[Visit] = []
    status = "running"
    for event in events:
        kind = str(event["type"])
        at = event["timestamp"]
        if kind.endswith("StateEntered"):
            visits.append(Visit(event["stateEnteredEventDetails"]["name"], at))
        elif kind in END_STATUSES:
            status = END_STATUSES[kind]
            visits = [
                visit
                if visit.exited
                else replace(
                    visit,
                    exited=at,
                    status=status,
                )
                for visit in visits
            ]
        elif visits:
            _update_visit(visits, kind, event)
    return Path(tuple(visits), status)


def _update_visit(visits: list[Visit], kind: str, event: JsonObject) -> None:
    """Record an event in the visit that it belongs to: the last one, unless it names a state."""
    if kind.endswith("StateExited"):
        name = event["stateExitedEventDetails"]["name"]
        index = max(index for index, visit in enumerate(visits) if visit.state == name)
        status = "caught" if visits[index].error else "succeeded"
        visits[index] = replace(
            visits[index],
            exited=event["timestamp"],
            status=status,
        )
    elif kind.endswith("Scheduled"):
        attempts = visits[-1].attempts + 1
        visits[-1] = replace(
            visits[-1],
            attempts=attempts,
            error=None,
        )
    elif kind.endswith(("Failed", "TimedOut", "Aborted")):
        visits[-1] = replace(visits[-1], error=_error_name(event))


def _error_name(event: JsonObject) -> str:
    for name, value in event.items():
        if name.endswith("EventDetails") and value.get("error"):
            return str(value["error"])
    return str(event["type"])
