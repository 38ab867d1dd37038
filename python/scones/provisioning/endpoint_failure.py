"""Why an endpoint does not serve the planned model, as far as SageMaker and its log say it."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from scones import waits
from scones.clients import CloudWatchLogsClient, SageMakerClient
from scones.json_object import JsonObject
from scones.outputs import Outputs
from scones.provisioning import settling
from scones.settings import Target
from scones.training import live_model
from scones.waits import Wait

# SageMaker's reason for every container that does not start or cannot load its model.
GENERIC = "ping health check"
LINES = 5
LONGEST_LINE = 200
CLOCK_SKEW = timedelta(minutes=1)


def why_not_serving(outputs: Outputs, sagemaker: SageMakerClient, since: datetime) -> str | None:
    """Return what the endpoint does instead, and SageMaker's reason, once it has settled.

    Returns:
        None if it serves what was planned, or has not been changed since: then the cause of a
        failed apply lies elsewhere.

    Raises:
        UserError: the endpoint does not settle.
    """
    name = outputs.endpoint.name
    endpoint = settling.wait(name, sagemaker)
    if endpoint is None or _is_as_planned(endpoint, outputs):
        return None
    failed = endpoint["EndpointStatus"] == settling.FAILED
    if not failed and endpoint["LastModifiedTime"] < since - CLOCK_SKEW:
        return None
    reason = endpoint.get("FailureReason", "SageMaker gives no reason").rstrip(".")
    state = f"is {endpoint['EndpointStatus']}"
    if endpoint["EndpointStatus"] == "InService":
        state = f"still serves {endpoint['EndpointConfigName']}"
    sentences = [f"The endpoint {name} {state}: {reason}."]
    if GENERIC in reason:
        sentences.append("SageMaker gives this reason for every container that does not start.")
    return " ".join(sentences)


def could_not_start(outputs: Outputs, sagemaker: SageMakerClient) -> bool:
    """Whether the endpoint failed to start the model of the outputs, now or when it last tried."""
    endpoint = settling.describe(outputs.endpoint.name, sagemaker)
    if endpoint is None or _is_as_planned(endpoint, outputs):
        return False
    return endpoint["EndpointStatus"] not in settling.CHANGING and "FailureReason" in endpoint


def where_to_look(
    outputs: Outputs,
    logs: CloudWatchLogsClient,
    since: datetime | None = None,
    patience: Wait = waits.ENDPOINT_LOG,
) -> str:
    """Return the endpoint's log group, with the last lines of its newest stream.

    Args:
        since: leaves out streams that began earlier, such as those of the former model.
    """
    group = outputs.endpoint.log_group
    with contextlib.suppress(ClientError):  # such as AccessDenied
        for _ in patience.looks():
            lines = _last_lines(group, logs, since)
            if lines:
                quoted = "\n".join(f"  {line}" for line in lines)
                return f"The last lines of its log group {group}:\n{quoted}"
    return f"Its log group {group} may state the cause."


def way_forward(outputs: Outputs, target: Target, sagemaker: SageMakerClient) -> str:
    """Return the commands that lead to an endpoint that serves."""
    train, promote = target.command("train RETRAIN=1"), target.command("promote MODEL=name")
    live = live_model.find_name(outputs.endpoint.name, sagemaker)
    planned = outputs.model
    if live and planned and live != planned.name:
        return (
            f'"{target.command(f"promote MODEL={live}")}" plans the model again that is served '
            f'now, and "{train}" trains another one.'
        )
    return (
        f'"{promote}" plans an earlier model, which "{target.command("models")}" lists, and '
        f'"{train}" trains another one.'
    )


def _is_as_planned(endpoint: JsonObject, outputs: Outputs) -> bool:
    served = (endpoint["EndpointStatus"], endpoint["EndpointConfigName"])
    return served == ("InService", outputs.endpoint.config_name)


def _last_lines(group: str, logs: CloudWatchLogsClient, since: datetime | None) -> list[str]:
    """Return the last lines of the newest log stream, if there is one."""
    stream = _newest_stream(group, logs)
    began = stream.get("creationTime", 0) / 1000
    if not stream or (since and began < (since - CLOCK_SKEW).timestamp()):
        return []
    name = stream["logStreamName"]
    page = logs.get_log_events(logGroupName=group, logStreamName=name, limit=LINES)
    lines = [event["message"].rstrip()[:LONGEST_LINE] for event in page["events"]]
    return [line for line in lines if line]


def _newest_stream(group: str, logs: CloudWatchLogsClient) -> Any:
    """Return the stream that began last; of a rolled-back update, it is the new model's."""
    pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
    streams = [stream for page in pages for stream in page["logStreams"]]
    return max(streams, key=lambda stream: stream["creationTime"], default={})
