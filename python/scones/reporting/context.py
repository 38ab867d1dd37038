"""What is known of a window of traffic beyond its captures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from monitor import ground_truth
from monitor.window import Window
from scones import handover
from scones.aws import Account, call_or_none
from scones.clients import SageMakerClient
from scones.diagrams import history
from scones.diagrams.machine import Machine, parse
from scones.outputs import Outputs
from scones.reporting.executions import (
    DescribeOutcomes,
    Execution,
    describe_outcomes,
    list_executions,
)
from scones.reporting.traffic import Traffic
from scones.settings import Target
from scones.workflow.executions import GONE

# A record is captured after its execution started and before it ended; clocks differ a little.
SLACK = timedelta(minutes=15)
RETENTION = timedelta(days=90)
LISTING_DELAY = timedelta(minutes=1)


@dataclass(frozen=True)
class ReportContext:
    """The classes, threshold and workflow, and the executions and ground truth of an account.

    Attributes:
        account: whether an account was queried; without one, the fields below are empty.
        describe: returns outcomes by ARN, for executions whose error the captures do not explain.
        read_path: returns the path of an execution by ARN.
        ground_truth: class names by inference id.
        model: the served model's name; `drawn` if it was trained on drawn images.
        model_since: when the endpoint's configuration with this model was created.
        expected: an execution that started in this window should have a captured record.
        listed: a captured record in this window should have an execution, if it came through the
            workflow; None if the executions are unknown.
    """

    classes: tuple[str, ...]
    threshold: float | None
    machine: Machine
    account: bool = False
    executions: tuple[Execution, ...] = ()
    describe: DescribeOutcomes | None = None
    read_path: Callable[[str], history.Path] | None = None
    ground_truth: Mapping[str, str] = field(default_factory=dict)
    endpoint: str | None = None
    model: str | None = None
    drawn: bool = False
    model_since: datetime | None = None
    expected: Window = field(default_factory=Window)
    listed: Window | None = None


def settings_context(target: Target) -> ReportContext:
    """The context without an account: the settings, and the model that was handed over."""
    threshold = target.confidence_threshold
    model = handover.read(target.handover)
    if threshold is None and model:
        threshold = model.threshold
    machine = parse(json.loads(target.workflow.read_text()))
    return ReportContext(target.classes, threshold, machine)


def account_context(
    account: Account,
    outputs: Outputs,
    settings: ReportContext,
    traffic: Traffic,
    window: Window,
    now: datetime,
) -> ReportContext:
    """The context of the window in an account."""
    states = account.client("stepfunctions")
    model = outputs.model
    classes = model.classes if model else outputs.classes
    arn = outputs.state_machine_arn
    deployed = call_or_none(lambda: states.describe_state_machine(stateMachineArn=arn), GONE)
    expected, span = execution_windows(traffic, window, now)
    return ReportContext(
        classes=classes,
        threshold=outputs.confidence_threshold,
        machine=parse(json.loads(deployed["definition"])) if deployed else settings.machine,
        account=True,
        executions=tuple(list_executions(states, arn, span)),
        describe=lambda arns: describe_outcomes(states, arns),
        read_path=lambda arn: history.read_path(states, arn),
        ground_truth=ground_truth.read(account.client("s3"), outputs.data_bucket, span),
        endpoint=outputs.endpoint.name,
        model=model.name if model else None,
        drawn=bool(model and model.drawn),
        model_since=configuration_time(
            account.client("sagemaker"),
            outputs.endpoint.config_name,
        ),
        expected=expected,
        listed=listed_window(deployed["creationDate"], now) if deployed else None,
    )


def execution_windows(traffic: Traffic, window: Window, now: datetime) -> tuple[Window, Window]:
    """The windows of executions that must have a record among the captures, and that may have one.

    A window without a beginning begins with the first captured record. Executions after `now` may
    have captured records after the captures were read.
    """
    since = window.since
    until = min(window.until or now, now)
    if since is None and len(traffic):
        since = datetime.fromtimestamp(min(traffic.at), UTC) - SLACK
        until = min(until, datetime.fromtimestamp(max(traffic.at), UTC) + SLACK)
    possible = Window(
        since - SLACK if since else None,
        window.until + SLACK if window.until else None,
    )
    return Window(since, until), possible


def listed_window(created: datetime, now: datetime) -> Window:
    """The window whose executions are all listed, of a state machine created at that time.

    Step Functions forgets an execution 90 days after its end, and lists a new one with a delay.
    """
    return Window(max(created, now - RETENTION), now - LISTING_DELAY)


def configuration_time(sagemaker: SageMakerClient, name: str | None) -> datetime | None:
    """When an endpoint's configuration was created, which is shortly before its model serves."""
    if name is None:
        return None
    try:
        return sagemaker.describe_endpoint_config(EndpointConfigName=name)["CreationTime"]
    except ClientError:  # deleted since: then the report cannot separate earlier models
        return None
