"""Redrive failed executions: start each again, once, with the same input and a derived name."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator

from monitor.window import Window
from scones.aws import call_or_none
from scones.clients import ExecutionStatusType, SFNClient
from scones.errors import UserError
from scones.json_object import JsonObject
from scones.progress import Progress, in_parallel
from scones.workflow import executions
from scones.workflow.outcomes import UNSURE

FAILED: tuple[ExecutionStatusType, ...] = ("FAILED", "TIMED_OUT", "ABORTED")
INVALID_ARN = {"InvalidArn", "ValidationException"}
IN_FLIGHT = 16
MAX_NAME = 64  # the endpoint's captured traffic accepts no longer one
REDRIVEN_NAME = re.compile(r"(?P<first>.+)-again-(?P<times>\d{1,6})")

Description = JsonObject


def redriven_name(name: str) -> str:
    """Return the name of the execution that repeats `name`; a name is unique for 90 days.

    >>> redriven_name("bike"), redriven_name("bike-again-1")
    ('bike-again-1', 'bike-again-2')
    """
    match = REDRIVEN_NAME.fullmatch(name)
    first, times = (match["first"], int(match["times"])) if match else (name, 0)
    suffix = f"-again-{times + 1}"
    if len(first) + len(suffix) <= MAX_NAME:
        return first + suffix
    digest = hashlib.sha256(first.encode()).hexdigest()[:8]
    return f"{first[: MAX_NAME - len(suffix) - 9]}-{digest}{suffix}"


def execution_arn(machine: str, name: str) -> str:
    """Return the ARN of an execution of the state machine whose ARN is `machine`."""
    return f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name}"


def find_execution(states: SFNClient, machine: str, name_or_arn: str) -> Description:
    """Return the description of an execution.

    Raises:
        UserError: this state machine has no such execution.
    """
    is_arn = name_or_arn.startswith("arn:")
    arn = name_or_arn if is_arn else execution_arn(machine, name_or_arn)
    execution = None
    if arn.startswith(execution_arn(machine, "")):
        execution = call_or_none(lambda: executions.describe(states, arn), INVALID_ARN)
    if execution is None:
        raise UserError(
            f"There is no execution {name_or_arn} of {machine}. "
            "A notification names the ARN of a failed execution; copy it whole."
        )
    return execution


def is_unsure(execution: Description) -> bool:
    return execution.get("error") == UNSURE


def redrive(states: SFNClient, machine: str, execution: Description) -> tuple[str, bool]:
    """Start the execution that repeats this one, unless it exists.

    Returns:
        Its ARN, and whether it was started now.

    Raises:
        UserError: the state machine does not exist, or the service stays busy.
    """
    name = redriven_name(execution["name"])
    arn = execution_arn(machine, name)
    if executions.describe(states, arn):
        return arn, False
    started = call_or_none(
        lambda: executions.start_named(states, machine, name, execution.get("input", "{}")),
        {"ExecutionAlreadyExists"},
    )
    return arn, started is not None


def redrive_all(states: SFNClient, machine: str, window: Window) -> Counter[str]:
    """Redrive all executions that began in the window and failed, several at a time.

    Returns:
        How many were redriven now ("redriven") or before ("before"), and how many were left out
        as "unsure" or as "running".
    """
    failed: list[str] = []
    for status in FAILED:
        failed += _list_arns(states, machine, status, window)
    running = len(list(_list_arns(states, machine, "RUNNING", window)))

    def redrive_failed(arn: str) -> str:
        execution = executions.describe(states, arn)
        if execution is None or is_unsure(execution):
            return "unsure"
        _, started = redrive(states, machine, execution)
        return "redriven" if started else "before"

    with Progress("Looking through", len(failed), "failed executions") as bar:
        counts = Counter(bar.each(in_parallel(redrive_failed, failed, IN_FLIGHT)))
    counts["running"] = running
    return counts


def _list_arns(
    states: SFNClient, machine: str, status: ExecutionStatusType, window: Window
) -> Iterator[str]:
    """Yield the ARNs of the executions in `status` that began in the window."""
    for execution in executions.list_all(states, machine, statusFilter=status):
        # Step Functions lists the newest first.
        if window.since and execution["startDate"] < window.since:
            return
        if execution["startDate"] in window:
            yield execution["executionArn"]
