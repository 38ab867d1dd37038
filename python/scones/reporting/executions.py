"""The executions of the state machine in a window: how each ended and how long it took."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from monitor.window import Window
from scones.aws import call_with_retries
from scones.workflow import outcomes
from scones.workflow.executions import GONE
from scones.workflow.outcomes import Outcome

AT_ONCE = 8
DESCRIBED = 500  # of those whose end the captures do not explain; each costs a request


@dataclass(frozen=True)
class Execution:
    """One execution; its name is the inference id of what it captured. `milliseconds` is None until it ends."""

    name: str
    arn: str
    status: str
    started: datetime
    milliseconds: float | None


def list_executions(states: Any, machine: str, window: Window) -> Iterator[Execution]:
    """The executions that started in the window, the latest first; none where the state machine is gone."""
    token: dict[str, str] = {}
    while True:
        try:
            page = _page(states, machine, token)
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                return
            raise
        for found in page["executions"]:
            if window.since and found["startDate"] < window.since:
                return
            if found["startDate"] in window:
                yield _execution(found)
        if not page.get("nextToken"):
            return
        token = {"nextToken": page["nextToken"]}


def explained(states: Any, arns: Sequence[str], classes: Sequence[str]) -> dict[str, Outcome]:
    """How the first DESCRIBED of these executions ended, by ARN; the pictures' own places are left out."""

    def look(arn: str) -> Outcome:
        return outcomes.read(
            call_with_retries(lambda: states.describe_execution(executionArn=arn)), "", "", classes
        )

    wanted = list(arns)[:DESCRIBED]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(wanted, pool.map(look, wanted), strict=True))


def unexplained(arns: Sequence[str]) -> Mapping[str, Outcome]:  # noqa: ARG001
    """What is known of how executions ended where nobody can be asked."""
    return {}


Explain = Callable[[Sequence[str]], Mapping[str, Outcome]]


def _page(states: Any, machine: str, token: Mapping[str, str]) -> Any:
    return call_with_retries(
        lambda: states.list_executions(stateMachineArn=machine, maxResults=1000, **token)
    )


def _execution(found: Mapping[str, Any]) -> Execution:
    """Clocks differ: an execution that stopped before it started took no time."""
    stopped = found.get("stopDate")
    took = (
        None if stopped is None else max(0.0, (stopped - found["startDate"]).total_seconds() * 1000)
    )
    return Execution(
        found["name"], found["executionArn"], found["status"], found["startDate"], took
    )
