"""What moto's SageMaker and its search by tags lack."""

from __future__ import annotations

from typing import Any

import pytest
from accounts import Account
from botocore.exceptions import ClientError
from eventually import eventually
from roles import make_role
from training_jobs import BUCKET, Jobs

from departures.registry import departure

DEPLOYMENT = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 1,
    }
}


@departure("Model.response_object", answer=False)
def a_model_outside_of_a_network_has_no_network_settings(account: Account) -> Any:
    sagemaker = account.client("sagemaker")
    role = make_role(account.client("iam"), "serving")
    sagemaker.create_model(ModelName="plain", ExecutionRoleArn=role)
    return "VpcConfig" in sagemaker.describe_model(ModelName="plain")


@departure("FakeEndpointConfig.validate_instance_type", answer="ml.m7i.large")
def an_endpoint_may_run_on_a_recent_instance_type(account: Account) -> Any:
    configuration(account, "recent", "ml.m7i.large")
    variants = account.client("sagemaker").describe_endpoint_config(EndpointConfigName="recent")[
        "ProductionVariants"
    ]
    return variants[0]["InstanceType"]


@departure(
    "SageMakerResponse.create_endpoint",
    answer=DEPLOYMENT,
)
def an_endpoint_returns_its_deployment_configuration(account: Account) -> Any:
    configuration(account, "deployed", "ml.m5.large")
    sagemaker = account.client("sagemaker")
    sagemaker.create_endpoint(
        EndpointName="deployed",
        EndpointConfigName="deployed",
        DeploymentConfig=DEPLOYMENT,
    )
    return sagemaker.describe_endpoint(EndpointName="deployed").get("LastDeploymentConfig")


@departure(
    "FakeEndpointConfig.__init__",
    "EventsBackend.iter_tagged_resources",
    answer={
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/tagged",
        "arn:aws:events:us-east-1:123456789012:event-bus/tagged",
        "arn:aws:events:us-east-1:123456789012:rule/tagged/tagged",
    },
)
def configurations_buses_and_rules_are_found_by_their_tags(account: Account) -> Any:
    tags = [{"Key": "found", "Value": "yes"}]
    configuration(account, "tagged", "ml.m5.large", Tags=tags)
    events = account.client("events")
    events.create_event_bus(Name="tagged", Tags=tags)
    events.put_rule(
        Name="tagged", EventBusName="tagged", EventPattern='{"source": ["s"]}', Tags=tags
    )
    resources = account.client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "found", "Values": ["yes"]}]
    )
    return {resource["ResourceARN"] for resource in resources["ResourceTagMappingList"]}


@departure("SageMakerResponse.delete_training_job", answer="Could not find training job")
def a_training_job_that_has_ended_can_be_deleted(account: Account) -> Any:
    account.client("s3").create_bucket(Bucket=BUCKET)
    jobs = Jobs(account)
    name = jobs.start("pass")
    jobs.ended(name)
    jobs.sagemaker.delete_training_job(TrainingJobName=name)
    with pytest.raises(ClientError) as missing:
        eventually(lambda: jobs.describe(name)["TrainingJobStatus"] != "Deleting")
    return missing.value.response["Error"]["Message"].partition(" '")[0]


@departure("SageMakerResponse.delete_model_package", answer=[2])
def a_registered_model_can_be_deleted(account: Account) -> Any:
    sagemaker = account.client("sagemaker")
    first, _ = registered(sagemaker, "thinned", 2)
    sagemaker.delete_model_package(ModelPackageName=first)
    eventually(lambda: len(packages(sagemaker, "thinned")) < 2)
    return [package["ModelPackageVersion"] for package in packages(sagemaker, "thinned")]


@departure("SageMakerResponse.delete_model_package_group", answer=("ConflictException", []))
def a_group_of_models_can_be_deleted_when_it_is_empty(account: Account) -> Any:
    sagemaker = account.client("sagemaker")
    (only,) = registered(sagemaker, "emptied", 1)
    with pytest.raises(ClientError) as refused:
        sagemaker.delete_model_package_group(ModelPackageGroupName="emptied")
    sagemaker.delete_model_package(ModelPackageName=only)
    eventually(lambda: not packages(sagemaker, "emptied"))
    sagemaker.delete_model_package_group(ModelPackageGroupName="emptied")

    def groups() -> Any:
        answer = sagemaker.list_model_package_groups(NameContains="emptied")
        return answer["ModelPackageGroupSummaryList"]

    eventually(lambda: not groups())
    return refused.value.response["Error"]["Code"], groups()


def packages(sagemaker: Any, group: str) -> Any:
    return sagemaker.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]


def registered(sagemaker: Any, group: str, count: int) -> list[str]:
    """ARNs of new versions in a new group."""
    sagemaker.create_model_package_group(ModelPackageGroupName=group)
    specification = {
        "Containers": [{"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/serving:1"}],
        "SupportedContentTypes": ["image/png"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    request = {"ModelPackageGroupName": group, "InferenceSpecification": specification}
    return [sagemaker.create_model_package(**request)["ModelPackageArn"] for _ in range(count)]


def configuration(account: Account, name: str, instance_type: str, **more: Any) -> None:
    sagemaker = account.client("sagemaker")
    role = make_role(account.client("iam"), "serving")
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=role)
    variant = {
        "VariantName": "v",
        "ModelName": name,
        "InitialInstanceCount": 1,
        "InstanceType": instance_type,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **more)
