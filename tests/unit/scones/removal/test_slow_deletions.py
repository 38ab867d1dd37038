"""What SageMaker lists as Deleting is waited for, and what AWS keeps of it is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from clocks import Clock

from scones.removal import kept_by_aws, sweeping
from scones.removal.deleting import find_deleting
from scones.removal.leftovers import Inventory

GROUP = "scones-dev-models"
JOB = "arn:aws:sagemaker:eu-west-1:123456789012:training-job/scones-dev-1"
POLICY = "AWSLogDeliveryWrite20150319"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException"}}, "Any")


pytestmark = pytest.mark.usefixtures("clock")


@dataclass
class Registry:
    """Model packages by ARN: how often each is still listed after its deletion began."""

    looks: int
    packages: dict[str, str]
    deleted: list[str] = field(default_factory=list)

    def get_paginator(self, operation: str) -> Registry:
        assert operation == "list_model_packages"
        return self

    def paginate(self, ModelPackageGroupName: str) -> Registry:  # noqa: N803 - boto3's spelling
        assert ModelPackageGroupName == GROUP
        return self

    def search(self, _: str) -> list[dict[str, str]]:
        listed = [
            {"ModelPackageArn": arn, "ModelPackageStatus": status}
            for arn, status in self.packages.items()
        ]
        if set(self.packages.values()) <= {"Deleting"}:
            self.looks -= 1
        if not self.looks:
            self.packages.clear()
        return listed

    def delete_model_package(self, ModelPackageName: str) -> None:  # noqa: N803
        assert self.packages[ModelPackageName] != "Deleting", "SageMaker refuses"
        self.deleted.append(ModelPackageName)
        self.packages[ModelPackageName] = "Deleting"


def test_registered_models_are_gone_before_their_group_is_deleted(clock: Clock) -> None:
    registry = Registry(3, {"arn:1": "Completed", "arn:2": "Deleting"})
    assert sweeping.delete_model_packages(registry, GROUP) == 1
    assert (registry.deleted, registry.packages) == (["arn:1"], {})
    assert len(clock.slept) == 3


def test_a_registry_that_takes_too_long_is_left_to_the_search_for_leftovers(clock: Clock) -> None:
    registry = Registry(10_000, {"arn:1": "Completed"})
    assert sweeping.delete_model_packages(registry, GROUP) == 1
    assert clock.now == pytest.approx(300)


class Statuses:
    """Describes every resource with a status."""

    def __init__(self, status: str) -> None:
        self.status = status

    def describe_endpoint(self, EndpointName: str) -> dict[str, str]:  # noqa: N803
        if EndpointName == "gone":
            raise ClientError({"Error": {"Code": "ValidationException"}}, "DescribeEndpoint")
        return {"EndpointStatus": self.status}

    def describe_training_job(self, TrainingJobName: str) -> dict[str, str]:  # noqa: N803
        assert TrainingJobName
        return {"TrainingJobStatus": self.status}

    def describe_model_package_group(self, ModelPackageGroupName: str) -> dict[str, str]:  # noqa: N803
        assert ModelPackageGroupName
        return {"ModelPackageGroupStatus": self.status}


LISTED = Inventory(
    {
        "endpoints": frozenset({"e"}),
        "model package groups": frozenset({GROUP}),
        "training jobs": frozenset({"j"}),
        "roles": frozenset({"r"}),
    }
)


def test_what_is_being_deleted_is_distinguished_from_what_stays() -> None:
    deleting = find_deleting(Statuses("Deleting"), LISTED)
    assert deleting.counts() == "1 endpoint, 1 model package group, 1 training job"
    assert not find_deleting(Statuses("InService"), LISTED)


def test_what_has_gone_since_it_was_listed_counts_as_being_deleted() -> None:
    listed = Inventory({"endpoints": frozenset({"gone"})})
    assert find_deleting(Statuses("InService"), listed)


@dataclass
class Account:
    """SageMaker and CloudWatch Logs: the jobs with a trial component, and the policies."""

    jobs: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    denies: bool = False

    def list_trial_components(self, SourceArn: str, MaxResults: int) -> dict[str, Any]:  # noqa: N803
        if self.denies:
            raise DENIED
        found = [{"TrialComponentName": "any"}] if SourceArn in self.jobs else []
        return {"TrialComponentSummaries": found[:MaxResults]}

    def describe_resource_policies(self) -> dict[str, Any]:
        if self.denies:
            raise DENIED
        return {"resourcePolicies": [{"policyName": name} for name in self.policies]}


def test_the_lineage_and_the_log_policy_stay() -> None:
    account = Account((JOB,), (POLICY, "another"))
    lineage, policy = kept_by_aws.find(account, account, [JOB])
    assert "lineage" in lineage
    assert policy == (
        f"the CloudWatch Logs resource policy {POLICY}, which the whole account shares"
    )


@pytest.mark.parametrize(
    ("account", "jobs"),
    [(Account(), [JOB]), (Account((JOB,)), []), (Account((JOB,), (POLICY,), denies=True), [JOB])],
    ids=["nothing", "no job was removed", "denied"],
)
def test_what_is_not_found_is_not_claimed(account: Account, jobs: list[str]) -> None:
    assert list(kept_by_aws.find(account, account, jobs)) == []
