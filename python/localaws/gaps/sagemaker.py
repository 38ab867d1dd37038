"""SageMaker: settings of models and endpoints."""

from __future__ import annotations

from typing import Any

from moto.sagemaker.models import FakeEndpointConfig, Model
from moto.sagemaker.responses import SageMakerResponse

from localaws.json_object import JsonObject
from localaws.server.patching import change


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
