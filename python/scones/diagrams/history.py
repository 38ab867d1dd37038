"""The way that an execution took, from its history (GetExecutionHistory)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

ENDS = {
    "ExecutionSucceeded": "succeeded",
    "ExecutionFailed": "failed",
    "ExecutionTimedOut": "failed",
    "ExecutionAborted": "stopped",
}


@dataclass(frozen=True)
class Visit:
    """A state that was entered.

    `status` is "succeeded", "caught" (an error led on to another state), "failed", "stopped" or "running";
    `attempts` counts how often a task was begun.
    """

    state: str
    entered: datetime
    exited: datetime | None = None
    status: str = "running"
    error: str | None = None
    attempts: int = 0

    @property
    def milliseconds(self) -> int | None:
        """How long it took; None while it runs."""
        return (
            None
            if self.exited is None
            else max(0, round((self.exited - self.entered).total_seconds() * 1000))
        )


@dataclass(frozen=True)
class Path:
    """The states in the order in which they were entered, and how the execution stands."""

    visits: tuple[Visit, ...]
    status: str

    @property
    def statuses(self) -> dict[str, str]:
        """The status of each state's last visit, by name."""
        return {visit.state: visit.status for visit in self.visits}

    @property
    def steps(self) -> set[tuple[str, str]]:
        """The pairs of states that followed one another."""
        names = [visit.state for visit in self.visits]
        return set(pairwise(names))


def path(events: Iterable[Mapping[str, Any]]) -> Path:
    """From the events of an execution in their order; what ran inside a Map or Parallel state counts like the rest."""
    visits: list[Visit] = []
    status = "running"
    for event in events:
        kind, at = str(event["type"]), event["timestamp"]
        if kind.endswith("StateEntered"):
            visits.append(Visit(event["stateEnteredEventDetails"]["name"], at))
        elif kind in ENDS:
            status = ENDS[kind]
            visits = [
                visit if visit.exited else replace(visit, exited=at, status=status)
                for visit in visits
            ]
        elif visits:
            _tell(visits, kind, event)
    return Path(tuple(visits), status)


def _tell(visits: list[Visit], kind: str, event: Mapping[str, Any]) -> None:
    """Write what happened into the visit that it happened in: mostly the last one."""
    if kind.endswith("StateExited"):
        name = event["stateExitedEventDetails"]["name"]
        place = max(index for index, visit in enumerate(visits) if visit.state == name)
        status = "caught" if visits[place].error else "succeeded"
        visits[place] = replace(visits[place], exited=event["timestamp"], status=status)
    elif kind.endswith("Scheduled"):
        visits[-1] = replace(visits[-1], attempts=visits[-1].attempts + 1, error=None)
    elif error := _error(event):
        visits[-1] = replace(visits[-1], error=error)


def _error(event: Mapping[str, Any]) -> str | None:
    details = next((value for name, value in event.items() if name.endswith("EventDetails")), None)
    failed = str(event["type"]).endswith(("Failed", "TimedOut", "Aborted"))
    return str((details or {}).get("error") or event["type"]) if failed else None
