"""The executions of the state machine in a window: how each ended, and its duration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from monitor.window import Window
from scones.aws import call_with_retries
from scones.clients import SFNClient
from scones.json_object import JsonObject
from scones.workflow import outcomes
from scones.workflow.executions import list_all
from scones.workflow.outcomes import Outcome

PARALLEL_REQUESTS = 8
MOST_DESCRIBED = 500  # executions whose error the captures do not explain; each costs a request

DescribeOutcomes = Callable[[Sequence[str]], Mapping[str, Outcome]]


@dataclass(frozen=True)
class Execution:
    """An execution; its name is the inference id of its image.

    `milliseconds` is None until it ends.
    """

    name: str
    arn: str
    status: str
    started: datetime
    milliseconds: float | None


def list_executions(states: SFNClient, machine: str, window: Window) -> Iterator[Execution]:
    """The executions that started in the window, the latest first.

    There are none if the state machine was deleted.
    """
    for listed in list_all(states, machine):
        started = listed["startDate"]
        if window.since and started < window.since:
            return
        if started in window:
            yield _parse_execution(listed)


def describe_outcomes(states: SFNClient, arns: Sequence[str]) -> dict[str, Outcome]:
    """The outcomes of the first MOST_DESCRIBED executions by ARN, without their images' keys."""

    def describe(arn: str) -> Outcome:
        description = call_with_retries(lambda: states.describe_execution(executionArn=arn))
        return outcomes.read(description, "", "")

    described = arns[:MOST_DESCRIBED]
    with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        return dict(zip(described, pool.map(describe, described), strict=True))


def _parse_execution(listed: JsonObject) -> Execution:
    """Clocks differ: an execution that stopped before it started took no time."""
    milliseconds = None
    if "stopDate" in listed:
        seconds = (listed["stopDate"] - listed["startDate"]).total_seconds()
        milliseconds = max(0.0, seconds * 1000)
    return Execution(
        name=listed["name"],
        arn=listed["executionArn"],
        status=listed["status"],
        started=listed["startDate"],
        milliseconds=milliseconds,
    )
