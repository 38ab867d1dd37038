"""What is known of a window of traffic beyond what was captured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from monitor import ground_truth
from monitor.window import Window
from scones import handover
from scones.aws import Account
from scones.diagrams import history
from scones.diagrams.machine import Machine, parse
from scones.outputs import Outputs
from scones.reporting import executions, joined
from scones.reporting.executions import Execution, Explain, unexplained
from scones.reporting.traffic import Traffic
from scones.reporting.ways import History
from scones.settings import Target
from scones.workflow.executions import GONE

UNTRUSTED = 1.0  # the threshold where neither settings nor model name one, as in Terraform
# A record is captured after its execution started, and before that ended; clocks differ a little.
AROUND = timedelta(minutes=15)


@dataclass(frozen=True)
class Known:
    """The classes, the threshold and the workflow, and where an account was asked, what happened in it.

    `account` tells whether one was; `since` is when the endpoint's present `model` was configured; executions that
    started when they are `expected` count although nothing was captured. A `drawn` model never saw a photograph.
    """

    classes: tuple[str, ...]
    threshold: float | None
    machine: Machine
    account: bool = False
    executions: tuple[Execution, ...] = ()
    explain: Explain = unexplained
    history: History | None = None
    truths: Mapping[str, str] = field(default_factory=dict)
    endpoint: str | None = None
    model: str | None = None
    drawn: bool = False
    since: datetime | None = None
    expected: Window = joined.ALWAYS


def of_settings(target: Target) -> Known:
    """What the settings say, and the model that was handed over."""
    threshold, model = target.confidence_threshold, handover.read(target.handover)
    if threshold is None and model:
        threshold = model.threshold
    return Known(target.classes, threshold, parse(json.loads(target.workflow.read_text())))


def of_account(
    account: Account,
    outputs: Outputs,
    settings: Known,
    traffic: Traffic,
    window: Window,
    now: datetime,
) -> Known:
    """What the account knows of the window; of one without ends, from the first captured record to the last.

    What executions started after `now` have captured may have been written after the captures were read.
    """
    states, s3 = account.client("stepfunctions"), account.client("s3")
    model = outputs.model
    classes = model.classes if model else outputs.classes
    machine, (expected, span) = outputs.state_machine_arn, around(traffic, window, now)
    return Known(
        classes=classes,
        threshold=outputs.confidence_threshold,
        machine=defined(states, machine) or settings.machine,
        account=True,
        executions=tuple(executions.list_executions(states, machine, span)),
        explain=lambda arns: executions.explained(states, arns, classes),
        history=lambda arn: followed(states, arn),
        truths=ground_truth.read(s3, outputs.data_bucket, span),
        endpoint=outputs.endpoint.name,
        model=model.name if model else None,
        drawn=bool(model and model.drawn),
        expected=expected,
        since=configured(account.client("sagemaker"), outputs.endpoint.config_name),
    )


def around(traffic: Traffic, window: Window, now: datetime) -> tuple[Window, Window]:
    """When executions started whose records are to be expected in the window, and when any whose records may be."""
    since, until = window.since, min(window.until or now, now)
    if since is None and len(traffic):
        since = datetime.fromtimestamp(min(traffic.at), UTC) - AROUND
        until = min(until, datetime.fromtimestamp(max(traffic.at), UTC) + AROUND)
    return Window(since, until), Window(
        since and since - AROUND, window.until and window.until + AROUND
    )


def defined(states: Any, machine: str) -> Machine | None:
    """The state machine as it stands; None where it is gone."""
    try:
        return parse(
            json.loads(states.describe_state_machine(stateMachineArn=machine)["definition"])
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            return None
        raise


def followed(states: Any, arn: str) -> history.Path:
    """The way of an execution."""
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=arn, includeExecutionData=False
    )
    return history.path(event for page in pages for event in page["events"])


def configured(sagemaker: Any, name: str | None) -> datetime | None:
    """When an endpoint's configuration was made, which is shortly before its model serves."""
    if name is None:
        return None
    try:
        made: datetime = sagemaker.describe_endpoint_config(EndpointConfigName=name)["CreationTime"]
    except ClientError:  # taken away since: all that is lost is where to draw a line
        return None
    return made
