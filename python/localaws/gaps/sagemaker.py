"""SageMaker: settings of models and endpoints; deletion of training jobs and model packages."""

from __future__ import annotations

from typing import Any

from moto.core.responses import EmptyResult
from moto.sagemaker.exceptions import (
    ConflictException,
    ResourceInUseException,
    ResourceNotFound,
)
from moto.sagemaker.models import FakeEndpointConfig, FakeTrainingJob, Model
from moto.sagemaker.responses import SageMakerResponse

from localaws.json_object import JsonObject
from localaws.server.patching import change, fill


@change(Model)
def response_object(moto: Any, self: Any) -> JsonObject:
    """Without an empty VpcConfig, which looks like a change that replaces the model."""
    answer: JsonObject = moto(self)
    if not answer.get("VpcConfig"):
        answer.pop("VpcConfig", None)
    return answer


@change(FakeEndpointConfig)
def validate_instance_type(_moto: Any, _self: Any, _instance_type: str) -> None:
    """Accept every instance type: moto's list is years old."""


@change(FakeEndpointConfig, "__init__")
def set_arn(moto: Any, self: Any, *args: Any, **settings: Any) -> None:
    moto(self, *args, **settings)
    self.arn = self.endpoint_config_arn  # moto's is a tuple, which breaks GetResources


@change(SageMakerResponse)
def create_endpoint(moto: Any, self: Any) -> Any:
    answer = moto(self)
    keep_deployment_config(self)
    return answer


def keep_deployment_config(response: Any) -> None:
    """Remember the request's deployment settings; DescribeEndpoint returns every attribute."""
    endpoint = response.sagemaker_backend.endpoints[response._get_param("EndpointName")]
    endpoint.last_deployment_config = response._get_param("DeploymentConfig")


@fill(SageMakerResponse)
def delete_training_job(self: Any) -> Any:
    name = self._get_param("TrainingJobName")
    jobs = self.sagemaker_backend.training_jobs
    if name not in jobs:
        arn = FakeTrainingJob.arn_formatter(name, self.current_account, self.region)
        raise ResourceNotFound(f"Could not find training job '{arn}'.")
    job = jobs[name]
    if job.training_job_status in {"InProgress", "Stopping"}:
        raise ResourceInUseException(
            f"Training job '{job.arn}' is {job.training_job_status}; "
            "only an ended one can be deleted."
        )
    del jobs[name]
    return EmptyResult()


@fill(SageMakerResponse)
def delete_model_package(self: Any) -> Any:
    backend = self.sagemaker_backend
    package = backend.describe_model_package(self._get_param("ModelPackageName"))
    del backend.model_packages[package.arn]
    return EmptyResult()


@fill(SageMakerResponse)
def delete_model_package_group(self: Any) -> Any:
    backend = self.sagemaker_backend
    group = backend.describe_model_package_group(self._get_param("ModelPackageGroupName"))
    name = group.model_package_group_name
    if any(package.model_package_group_name == name for package in backend.model_packages.values()):
        raise ConflictException(
            f"Model Package Group {group.arn} cannot be deleted while it has model packages."
        )
    del backend.model_package_groups[name]
    return EmptyResult()
