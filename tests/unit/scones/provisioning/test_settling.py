"""Endpoints that change are waited for; only the target's own ones are deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from clocks import Clock

from scones.errors import UserError
from scones.provisioning import settling
from scones.settings import Target

TARGET = Target("dev", "eu-west-1")
OURS = "scones-dev-classifier"


pytestmark = pytest.mark.usefixtures("clock")


@dataclass
class SageMaker:
    """Endpoints by name: their statuses at each look, of which the last one stays.

    A deleted endpoint is Deleting at some looks, and then gone.
    """

    endpoints: dict[str, list[str]]
    tags: dict[str, str] = field(default_factory=lambda: TARGET.tags)
    deleted: list[str] = field(default_factory=list)

    def get_paginator(self, operation: str) -> SageMaker:
        assert operation == "list_endpoints"
        return self

    def paginate(self, NameContains: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's spelling
        endpoints = [
            {"EndpointName": name, "EndpointArn": f"arn:{name}", "EndpointStatus": statuses[0]}
            for name, statuses in self.endpoints.items()
            if NameContains in name
        ]
        yield {"Endpoints": endpoints}

    def list_tags(self, ResourceArn: str) -> dict[str, Any]:  # noqa: N803
        assert ResourceArn.removeprefix("arn:") in self.endpoints
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()]}

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        statuses = self.endpoints.get(EndpointName)
        if not statuses:
            raise ClientError({"Error": {"Code": "ValidationException"}}, "DescribeEndpoint")
        status = statuses[0]
        if len(statuses) > 1 or status == "Deleting":
            statuses.pop(0)
        return {"EndpointName": EndpointName, "EndpointStatus": status}

    def delete_endpoint(self, EndpointName: str) -> None:  # noqa: N803
        assert self.endpoints[EndpointName][0] not in settling.CHANGING, "AWS refuses"
        self.deleted.append(EndpointName)
        self.endpoints[EndpointName] = ["Deleting", "Deleting"]


@pytest.mark.parametrize("status", sorted(settling.CHANGING - {"Deleting"}))
def test_an_endpoint_that_changes_is_waited_for(status: str) -> None:
    sagemaker = SageMaker({OURS: [status, status, "InService"]})
    [settled] = settling.wait_for_all(TARGET, sagemaker)
    assert settled["EndpointStatus"] == "InService"


def test_an_endpoint_that_is_being_deleted_is_gone_afterwards() -> None:
    sagemaker = SageMaker({OURS: ["Deleting", "Deleting"]}, tags={})
    assert settling.wait_for_all(TARGET, sagemaker) == []
    assert sagemaker.deleted == []


def test_an_endpoint_that_does_not_settle_is_a_sentence() -> None:
    with pytest.raises(UserError, match=r"still Creating after 30 minutes.*Run the same command"):
        settling.wait(OURS, SageMaker({OURS: ["Creating"]}))


@pytest.mark.parametrize(
    "statuses", [["Failed"], ["Creating", "Failed"], ["RollingBack", "Failed"]]
)
def test_a_failed_endpoint_is_deleted_and_its_name_is_free(statuses: list[str]) -> None:
    sagemaker = SageMaker({OURS: statuses})
    settling.delete_failed(TARGET, sagemaker)
    assert settling.describe(OURS, sagemaker) is None


def test_an_endpoint_that_serves_is_not_deleted_before_an_update() -> None:
    sagemaker = SageMaker({OURS: ["InService"]})
    settling.delete_failed(TARGET, sagemaker)
    assert sagemaker.deleted == []


@pytest.mark.parametrize(
    "statuses",
    [
        ["InService"],
        ["Failed"],
        ["Creating", "InService"],
        ["Updating", "InService"],
        ["RollingBack", "InService"],
        ["Deleting"],
    ],
)
def test_in_every_status_nothing_is_left_after_a_deletion(statuses: list[str]) -> None:
    sagemaker = SageMaker({OURS: statuses})
    settling.delete_all(TARGET, sagemaker)
    assert settling.describe(OURS, sagemaker) is None


def test_what_others_named_alike_is_neither_deleted_nor_waited_for() -> None:
    names = ("scones-development-classifier", "my-scones-dev-classifier")
    sagemaker = SageMaker({name: ["Updating"] for name in names})
    settling.delete_all(TARGET, sagemaker)
    sagemaker = SageMaker({OURS: ["InService"]}, tags={**TARGET.tags, "project": "other"})
    settling.delete_all(TARGET, sagemaker)
    assert sagemaker.deleted == []


def test_a_wait_can_be_interrupted_and_repeated(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    sagemaker = SageMaker({OURS: ["Updating", "Updating", "InService"]})
    with monkeypatch.context() as patch:
        patch.setattr(clock, "sleep", interrupt)
        with pytest.raises(KeyboardInterrupt):
            settling.delete_all(TARGET, sagemaker)
    assert sagemaker.deleted == []
    settling.delete_all(TARGET, sagemaker)
    assert settling.describe(OURS, sagemaker) is None
