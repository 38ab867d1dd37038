"""Failed executions, started again with the same input: each once, under a name that follows from its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from monitor.window import Window
from scones.aws import call_with_retries
from scones.errors import UserError
from scones.progress import Progress
from scones.workflow import executions
from scones.workflow.outcomes import UNSURE

FAILED = ("FAILED", "TIMED_OUT", "ABORTED")
IN_FLIGHT = 16
NAME_LENGTH = 64  # the endpoint's captured traffic takes no longer one
AGAIN = re.compile(r"(?P<first>.+)-again-(?P<times>\d{1,6})")

Description = Mapping[str, Any]


@dataclass(frozen=True)
class Count:
    """What became of a window's executions: started now, started before, and left out as unsure or as running."""

    started: int
    before: int
    unsure: int
    running: int


def again(name: str) -> str:
    """The name of the execution that repeats `name`; Step Functions takes it once in 90 days.

    >>> again("bike"), again("bike-again-1")
    ('bike-again-1', 'bike-again-2')
    """
    found = AGAIN.fullmatch(name)
    first, times = (found["first"], int(found["times"])) if found else (name, 0)
    suffix = f"-again-{times + 1}"
    if len(first) + len(suffix) <= NAME_LENGTH:
        return first + suffix
    digest = hashlib.sha256(first.encode()).hexdigest()[:8]
    return f"{first[: NAME_LENGTH - len(suffix) - 9]}-{digest}{suffix}"


def arn_of(machine: str, name: str) -> str:
    """The ARN of an execution of the state machine whose ARN is `machine`."""
    return f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name}"


def find(states: Any, machine: str, named: str) -> Description:
    """The execution of an ARN or a name.

    Raises:
        UserError: this state machine has no such execution.
    """
    arn = named if named.startswith("arn:") else arn_of(machine, named)
    try:
        found = executions.describe(states, arn) if arn.startswith(arn_of(machine, "")) else None
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"InvalidArn", "ValidationException"}:
            raise
        found = None
    if found is None:
        raise UserError(
            f"There is no execution {named} of {machine}. A notice names the ARN of a failed execution; copy it whole."
        )
    return found


def is_unsure(execution: Description) -> bool:
    return execution.get("error") == UNSURE


def start(states: Any, machine: str, execution: Description) -> tuple[str, bool]:
    """ARN of the execution that repeats this one, and whether it was started now rather than before.

    Raises:
        UserError: the state machine does not exist, or the service stays busy.
    """
    name = again(execution["name"])
    arn = arn_of(machine, name)
    if executions.describe(states, arn):
        return arn, False
    given = execution.get("input", "{}")
    try:
        call_with_retries(
            lambda: states.start_execution(stateMachineArn=machine, name=name, input=given)
        )
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in executions.GONE:
            raise UserError('The state machine does not exist. Run "make apply" first.') from error
        if code != "ExecutionAlreadyExists":
            raise
        return arn, False
    return arn, True


def start_all(states: Any, machine: str, window: Window) -> Count:
    """Start all executions again that began in the window and failed, some of them at a time."""
    arns = [arn for status in FAILED for arn in _listed(states, machine, status, window)]
    running = sum(1 for _ in _listed(states, machine, "RUNNING", window))

    def one(arn: str) -> str:
        execution = executions.describe(states, arn)
        if execution is None or is_unsure(execution):
            return "unsure"
        return "started" if start(states, machine, execution)[1] else "before"

    results = _in_parallel(one, arns)
    return Count(
        results.count("started"), results.count("before"), results.count("unsure"), running
    )


def _in_parallel(one: Callable[[str], str], arns: list[str]) -> list[str]:
    """The results, in the order in which they come; what `one` raises ends it all."""
    with (
        ThreadPoolExecutor(IN_FLIGHT) as pool,
        Progress("Looking through", len(arns), "failed executions") as bar,
    ):
        waiting = [pool.submit(one, arn) for arn in arns]
        try:
            return [done.result() for done in bar.each(as_completed(waiting))]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _listed(states: Any, machine: str, status: str, window: Window) -> Iterator[str]:
    """ARNs of the executions in `status` that began in the window; Step Functions lists the newest first."""
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=machine, statusFilter=status
    )
    for execution in (one for page in pages for one in page["executions"]):
        if window.since and execution["startDate"] < window.since:
            return
        if execution["startDate"] in window:
            yield execution["executionArn"]
