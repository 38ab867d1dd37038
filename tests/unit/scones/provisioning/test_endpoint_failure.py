"""What apply says about an endpoint that does not serve the planned model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from example_model import MODEL
from paths import EXAMPLE_OUTPUTS

from scones.outputs import Outputs
from scones.provisioning.endpoint_failure import (
    could_not_start,
    way_forward,
    where_to_look,
    why_not_serving,
)
from scones.settings import Target

EXAMPLE = Outputs.parse(json.loads(EXAMPLE_OUTPUTS.read_text()))
OUTPUTS = replace(
    EXAMPLE, endpoint=replace(EXAMPLE.endpoint, config_name="model-1-0a1b"), model=MODEL
)
GROUP = OUTPUTS.endpoint.log_group
TARGET = Target("dev", "eu-west-1")
STARTED = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = STARTED + timedelta(minutes=9)
PING = (
    "The primary container for production variant AllTraffic did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint."
)


pytestmark = pytest.mark.usefixtures("clock")


@dataclass
class SageMaker:
    """An endpoint; its status changes at each look, and the last one stays."""

    statuses: Sequence[str] = ("InService",)
    config_name: str = "model-0-0a1b"
    reason: str = ""
    modified: datetime = LATER

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
        status, *later = self.statuses
        self.statuses = later or [status]
        described = {
            "EndpointName": EndpointName,
            "EndpointConfigName": self.config_name,
            "EndpointStatus": status,
            "LastModifiedTime": self.modified,
        }
        return {**described, "FailureReason": self.reason} if self.reason else described

    def describe_endpoint_config(self, EndpointConfigName: str) -> dict[str, Any]:  # noqa: N803
        return {"ProductionVariants": [{"ModelName": EndpointConfigName}]}

    def describe_model(self, ModelName: str) -> dict[str, Any]:  # noqa: N803
        environment = {"SCONES_MODEL": ModelName.removesuffix("-0a1b")}
        return {
            "PrimaryContainer": {"ModelDataUrl": "s3://b/model.tar.gz", "Environment": environment}
        }


def test_a_rolled_back_update_has_its_reason_and_what_it_is_worth() -> None:
    sagemaker = SageMaker(["Updating", "RollingBack", "InService"], reason=PING)
    said = why_not_serving(OUTPUTS, sagemaker, STARTED) or ""
    assert f"{OUTPUTS.endpoint.name} still serves model-0-0a1b: The primary container" in said
    assert "SageMaker gives this reason for every container that does not start" in said


def test_another_reason_stands_for_itself() -> None:
    sagemaker = SageMaker(["Creating", "Failed"], reason="Unable to provision requested ML compute")
    said = why_not_serving(OUTPUTS, sagemaker, STARTED) or ""
    assert said.endswith("is Failed: Unable to provision requested ML compute.")


def test_an_endpoint_that_nobody_changed_is_not_the_cause_of_a_failed_apply() -> None:
    former = SageMaker(reason=PING, modified=STARTED - timedelta(days=1))
    assert why_not_serving(OUTPUTS, former, STARTED) is None
    as_planned = SageMaker(config_name="model-1-0a1b")
    assert why_not_serving(OUTPUTS, as_planned, STARTED) is None


def test_a_failed_endpoint_is_the_cause_whenever_it_failed() -> None:
    sagemaker = SageMaker(["Failed"], reason=PING, modified=STARTED - timedelta(days=1))
    assert why_not_serving(OUTPUTS, sagemaker, STARTED) is not None


def test_a_later_plan_knows_that_the_endpoint_could_not_start_the_model() -> None:
    assert could_not_start(OUTPUTS, SageMaker(reason=PING))
    assert could_not_start(OUTPUTS, SageMaker(["Failed"], "model-1-0a1b", PING))
    killed_before_the_update = SageMaker()
    assert not could_not_start(OUTPUTS, killed_before_the_update)
    assert not could_not_start(OUTPUTS, SageMaker(["Updating"], reason=PING))
    assert not could_not_start(OUTPUTS, SageMaker(config_name="model-1-0a1b"))


def test_the_way_forward_is_the_model_that_is_served_or_another_one() -> None:
    said = way_forward(OUTPUTS, TARGET, SageMaker())
    assert '"make promote MODEL=model-0 TARGET=dev" plans the model again that is served' in said
    assert '"make train RETRAIN=1 TARGET=dev"' in said
    said = way_forward(OUTPUTS, TARGET, SageMaker(["Failed"]))
    assert '"make promote MODEL=name TARGET=dev" plans an earlier model' in said


@dataclass
class Logs:
    """A log group: the begin of each stream, and its lines."""

    streams: dict[str, tuple[datetime, list[str]]] = field(default_factory=dict)
    denied: bool = False

    def get_paginator(self, operation: str) -> Logs:
        assert operation == "describe_log_streams"
        return self

    def paginate(self, logGroupName: str) -> list[dict[str, Any]]:  # noqa: N803
        assert logGroupName == GROUP
        if self.denied:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "DescribeLogStreams")
        return [
            {
                "logStreams": [
                    {"logStreamName": name, "creationTime": began.timestamp() * 1000}
                    for name, (began, _) in self.streams.items()
                ]
            }
        ]

    def get_log_events(self, logGroupName: str, logStreamName: str, limit: int) -> dict[str, Any]:  # noqa: N803
        assert logGroupName == GROUP
        _, lines = self.streams[logStreamName]
        return {"events": [{"message": f"{line}\n"} for line in lines[-limit:]]}


def test_the_last_lines_are_those_of_the_fleet_that_did_not_start() -> None:
    former = (STARTED - timedelta(days=1), ["GET /ping 200"])
    lines = [f"line {number}" for number in range(8)]
    logs = Logs({"AllTraffic/i-0": former, "AllTraffic/i-1": (LATER, lines)})
    said = where_to_look(OUTPUTS, logs, STARTED)
    assert said.splitlines() == [
        f"The last lines of its log group {GROUP}:",
        *(f"  line {number}" for number in range(3, 8)),
    ]


@pytest.mark.parametrize(
    "logs",
    [
        Logs(),
        Logs(denied=True),
        Logs({"AllTraffic/i-0": (STARTED - timedelta(days=1), ["GET /ping 200"])}),
    ],
    ids=["no stream", "denied", "only the former model's"],
)
def test_without_lines_the_log_group_is_named(logs: Logs) -> None:
    said = where_to_look(OUTPUTS, logs, STARTED)
    assert said == f"Its log group {GROUP} may state the cause."
