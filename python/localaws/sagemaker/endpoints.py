"""SageMaker's endpoints: the requests, with what the service refuses."""

from __future__ import annotations

import threading
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import FakeEndpoint
from moto.sagemaker.responses import SageMakerResponse

from localaws.gaps.sagemaker import keep_deployment_config
from localaws.sagemaker import endpoint_status, invocations
from localaws.sagemaker.deployments import Deployments
from localaws.server.patching import Account, Closer, change, fill


def install(account: Account) -> Closer:
    deployments = Deployments(account)
    creation = threading.Lock()  # of two endpoints with one name, one is refused
    invocations.install(deployments.serving.get)

    @change(FakeEndpoint)
    def __init__(moto: Any, self: Any, **request: Any) -> None:  # noqa: N807  moto's constructor
        moto(self, **request)
        endpoint_status.set_up(self)

    @change(SageMakerResponse)
    def create_endpoint(moto: Any, self: Any) -> Any:
        name = self._get_param("EndpointName")
        endpoints = self.sagemaker_backend.endpoints
        with creation:
            if name in endpoints:
                raise ValidationError(
                    f'Cannot create already existing endpoint "{endpoints[name].arn}".'
                )
            answer = moto(self)
        deployments.create(self.sagemaker_backend, endpoints[name])
        return answer

    @fill(SageMakerResponse)
    def update_endpoint(self: Any) -> Any:
        name = self._get_param("EndpointName")
        config_name = self._get_param("EndpointConfigName")
        backend = self.sagemaker_backend
        # Both raise what the service would.
        backend.describe_endpoint(name)
        backend.describe_endpoint_config(config_name)
        endpoint = backend.endpoints[name]
        deployments.update(backend, endpoint, backend.endpoint_configs[config_name])
        keep_deployment_config(self)
        return ActionResult({"EndpointArn": endpoint.arn})

    @change(SageMakerResponse)
    def delete_endpoint(_moto: Any, self: Any) -> Any:
        name = self._get_param("EndpointName")
        self.sagemaker_backend.describe_endpoint(name)  # raises what the service would
        deployments.delete(self.sagemaker_backend, self.sagemaker_backend.endpoints[name])
        return EmptyResult()

    deployments.restore()
    return deployments.close
