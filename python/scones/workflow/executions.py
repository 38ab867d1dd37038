"""Start an execution of the state machine, wait for its end, and list executions.

Each look at an execution is a request of which AWS allows about ten per second, so that looks are
few: the first one comes when other executions have ended that began as long before.
"""

from __future__ import annotations

import json
import time
import uuid
from collections import deque
from collections.abc import Iterator
from statistics import median
from typing import Any

from scones import waits
from scones.aws import call_or_none, call_with_retries
from scones.clients import SFNClient
from scones.errors import UserError
from scones.json_object import JsonObject
from scones.waits import Wait
from scones.workflow.outcomes import Outcome, read

GONE = {"StateMachineDoesNotExist", "StateMachineDeleting", "ExecutionDoesNotExist"}
PAGE = 1000  # the most that Step Functions lists at once
LATEST = 32  # durations


class Durations:
    """How long executions took, of those that several threads wait for."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=LATEST)

    def add(self, seconds: float) -> None:
        self._seconds.append(seconds)

    @property
    def typical(self) -> float:
        """The median of the latest ones in seconds; 0 before the first has ended."""
        return median(list(self._seconds) or [0.0])


def classify(
    states: SFNClient,
    machine: str,
    bucket: str,
    key: str,
    patience: Wait = waits.EXECUTION_ENDS,
    durations: Durations | None = None,
) -> Outcome:
    """Run one execution for s3://bucket/key, to its end or as long as `patience` lasts.

    Args:
        durations: of earlier executions; this one is added.

    Raises:
        UserError: the state machine does not exist, or the service stays busy.
    """
    arn = start(states, machine, bucket, key)
    description = wait(states, arn, patience, durations.typical if durations else 0.0)
    if description["status"] != "RUNNING":
        if durations:
            durations.add((description["stopDate"] - description["startDate"]).total_seconds())
        return read(description, bucket, key)
    return Outcome(
        status="failed",
        s3_bucket=bucket,
        s3_key=key,
        label=None,
        confidence=None,
        inferences=None,
        error="StillRunning",
        cause=f"The execution has not ended after {patience} and may still be running.",
        execution_arn=arn,
        milliseconds=round(patience.seconds * 1000),
    )


def start(states: SFNClient, machine: str, bucket: str, key: str) -> str:
    """Start an execution for s3://bucket/key and return its ARN."""
    # With a name of its own, a request that is sent twice starts one execution.
    event = json.dumps({"s3_bucket": bucket, "s3_key": key})
    return start_named(states, machine, str(uuid.uuid4()), event)


def start_named(states: SFNClient, machine: str, name: str, event: str) -> str:
    """Start an execution with a name and a JSON input, and return its ARN.

    Raises:
        UserError: the state machine does not exist, or the service stays busy.
    """
    started = call_or_none(
        lambda: call_with_retries(
            lambda: states.start_execution(stateMachineArn=machine, name=name, input=event)
        ),
        GONE,
    )
    if started is None:
        raise UserError('The state machine does not exist. Run "make apply" first.')
    return started["executionArn"]


def wait(states: SFNClient, arn: str, patience: Wait, typical: float = 0.0) -> JsonObject:
    """Return the execution's description once it has ended, or when `patience` is over.

    Args:
        typical: seconds until the first look.
    """
    time.sleep(min(typical, patience.seconds))
    description: JsonObject = {}
    for _ in patience.looks():
        description = call_with_retries(lambda: states.describe_execution(executionArn=arn))
        if description["status"] != "RUNNING":
            break
    return description


def list_running(states: SFNClient, machine: str) -> set[str]:
    """Return the ARNs of the executions that have not ended.

    On AWS, an execution that began a second ago may not be listed yet.

    Raises:
        TooBusy: the service stays busy.
    """
    running = list_all(states, machine, statusFilter="RUNNING")
    return {execution["executionArn"] for execution in running}


def list_all(states: SFNClient, machine: str, **filters: str) -> Iterator[JsonObject]:
    """Yield executions as they are listed, the latest first; none of a machine that was deleted.

    Args:
        filters: parameters of ListExecutions, such as statusFilter.

    Raises:
        TooBusy: the service stays busy.
    """
    request: Any = {"stateMachineArn": machine, "maxResults": PAGE, **filters}
    while True:
        page = call_or_none(
            lambda: call_with_retries(lambda: states.list_executions(**request)),
            GONE,
        )
        if page is None:
            return
        yield from page["executions"]
        if not page.get("nextToken"):
            return
        request["nextToken"] = page["nextToken"]


def describe(states: SFNClient, arn: str) -> JsonObject | None:
    """Return the execution's description; None some time after its state machine was deleted.

    Raises:
        TooBusy: the service stays busy.
    """
    return call_or_none(
        lambda: call_with_retries(lambda: states.describe_execution(executionArn=arn)),
        GONE,
    )
