"""Start an execution of the state machine, wait for its end, and list the running ones."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from typing import Any

from scones.aws import call_or_none, call_with_retries
from scones.clients import SFNClient
from scones.errors import UserError
from scones.json_object import JsonObject
from scones.workflow.outcomes import Outcome, read

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0
SLOWDOWN = 1.3
# The state machine ends by itself before that.
PATIENCE = 360.0
GONE = {"StateMachineDoesNotExist", "StateMachineDeleting", "ExecutionDoesNotExist"}
PAGE = 1000  # the most that Step Functions lists at once


def classify(
    states: SFNClient,
    machine: str,
    bucket: str,
    key: str,
    classes: Sequence[str],
    patience: float = PATIENCE,
) -> Outcome:
    """Run one execution for s3://bucket/key, to its end or for `patience` seconds.

    Raises:
        UserError: the state machine does not exist, or the service stays busy.
    """
    arn = start(states, machine, bucket, key)
    description = wait(states, arn, patience)
    if description["status"] != "RUNNING":
        return read(description, bucket, key, classes)
    return Outcome(
        status="failed",
        s3_bucket=bucket,
        s3_key=key,
        label=None,
        confidence=None,
        inferences=None,
        error="StillRunning",
        cause=f"The execution has not ended after {patience:g} seconds and may still be running.",
        execution_arn=arn,
        milliseconds=round(patience * 1000),
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


def wait(states: SFNClient, arn: str, patience: float) -> JsonObject:
    """Return the execution's description once it has ended, or after `patience` seconds."""
    deadline = time.monotonic() + patience
    pause = FIRST_PAUSE
    while True:
        description = call_with_retries(lambda: states.describe_execution(executionArn=arn))
        if description["status"] != "RUNNING" or time.monotonic() + pause > deadline:
            return description
        time.sleep(pause)
        pause = min(pause * SLOWDOWN, LONGEST_PAUSE)


def list_running(states: SFNClient, machine: str) -> set[str]:
    """Return the ARNs of the executions that have not ended.

    On AWS, an execution that began a second ago may not be listed yet.

    Raises:
        TooBusy: the service stays busy.
    """
    arns: set[str] = set()
    request: Any = {"stateMachineArn": machine, "statusFilter": "RUNNING", "maxResults": PAGE}
    while True:
        page = call_or_none(
            lambda: call_with_retries(lambda: states.list_executions(**request)),
            GONE,
        )
        if page is None:
            return set()
        arns |= {execution["executionArn"] for execution in page["executions"]}
        if not page.get("nextToken"):
            return arns
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
