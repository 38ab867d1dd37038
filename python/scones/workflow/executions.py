"""Executions of the state machine: start one and wait for its end, and tell which run and how one ended."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from scones.aws import call_with_retries, error_code
from scones.errors import UserError
from scones.workflow.outcomes import Outcome, read

FIRST_LOOK = 0.05
SLOWEST_LOOK = 2.0
SLOWDOWN = 1.3
# The state machine ends by itself before that.
PATIENCE = 360.0
GONE = {"StateMachineDoesNotExist", "StateMachineDeleting", "ExecutionDoesNotExist"}
PAGE = 1000  # the most that Step Functions lists at once


def classify(
    states: Any,
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
    if description["status"] == "RUNNING":
        cause = f"The execution has not ended after {patience:g} seconds and may still be running."
        return Outcome(
            "failed",
            bucket,
            key,
            None,
            None,
            None,
            "StillRunning",
            cause,
            arn,
            round(patience * 1000),
        )
    return read(description, bucket, key, classes)


def start(states: Any, machine: str, bucket: str, key: str) -> str:
    """Start an execution and return its ARN; its own name makes a repeated request start nothing twice."""
    name = str(uuid.uuid4())
    travelling = json.dumps({"s3_bucket": bucket, "s3_key": key})
    try:
        started = call_with_retries(
            lambda: states.start_execution(stateMachineArn=machine, name=name, input=travelling)
        )
    except ClientError as error:
        if error_code(error) in GONE:
            raise UserError('The state machine does not exist. Run "make apply" first.') from error
        raise
    return str(started["executionArn"])


def wait(states: Any, arn: str, patience: float) -> Mapping[str, Any]:
    """The execution's description once it has ended, or as it is after `patience` seconds."""
    deadline = time.monotonic() + patience
    pause = FIRST_LOOK
    while True:
        description: Mapping[str, Any] = call_with_retries(
            lambda: states.describe_execution(executionArn=arn)
        )
        if description["status"] != "RUNNING" or time.monotonic() + pause > deadline:
            return description
        time.sleep(pause)
        pause = min(pause * SLOWDOWN, SLOWEST_LOOK)


def running(states: Any, machine: str) -> set[str]:
    """The ARNs of the executions that have not ended. On AWS, one that began a second ago may not be listed yet.

    Raises:
        TooBusy: the service stays busy.
    """
    found: set[str] = set()
    page: dict[str, str] = {}
    while True:
        request = partial(
            states.list_executions,
            stateMachineArn=machine,
            statusFilter="RUNNING",
            maxResults=PAGE,
            **page,
        )
        try:
            answer = call_with_retries(request)
        except ClientError as error:
            if error_code(error) in GONE:
                return set()
            raise
        found |= {execution["executionArn"] for execution in answer["executions"]}
        if not answer.get("nextToken"):
            return found
        page = {"nextToken": answer["nextToken"]}


def describe(states: Any, arn: str) -> Mapping[str, Any] | None:
    """The execution's description; None where it has gone, as it does some time after its state machine.

    Raises:
        TooBusy: the service stays busy.
    """
    try:
        description: Mapping[str, Any] = call_with_retries(
            lambda: states.describe_execution(executionArn=arn)
        )
    except ClientError as error:
        if error_code(error) in GONE:
            return None
        raise
    return description
