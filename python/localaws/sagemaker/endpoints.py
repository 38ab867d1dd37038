"""SageMaker's endpoints: what they are deployed with, kept while a new fleet starts, and rolled back to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import FakeEndpoint
from moto.sagemaker.responses import SageMakerResponse

from localaws.gaps.sagemaker import keep_deployment
from localaws.sagemaker import invocations
from localaws.sagemaker.fleets import Fleet, NotServingError, Plan
from localaws.server.patching import Account, Closer, change, fill

IN_PROGRESS = {"Creating", "Updating"}


def install(account: Account) -> Closer:
    deployments = Deployments(account)
    invocations.install(deployments.serving)

    @change(FakeEndpoint)
    def __init__(moto: Any, self: Any, **given: Any) -> None:  # noqa: N807  the constructor is what changes
        moto(self, **given)
        # Other threads read the attributes while ours writes: all are there from the start.
        self.endpoint_status = "Creating"
        self.production_variants = []
        self.data_capture_config = None
        self.last_deployment_config = None

    @change(SageMakerResponse)
    def create_endpoint(moto: Any, self: Any) -> Any:
        name = self._get_param("EndpointName")
        if existing := self.sagemaker_backend.endpoints.get(name):
            raise ValidationError(f'Cannot create already existing endpoint "{existing.arn}".')
        answer = moto(self)
        deployments.start(self.sagemaker_backend, name, self._get_param("EndpointConfigName"))
        return answer

    @fill(SageMakerResponse)
    def update_endpoint(self: Any) -> Any:
        name, config_name = self._get_param("EndpointName"), self._get_param("EndpointConfigName")
        self.sagemaker_backend.describe_endpoint(name)  # both raise what the service would
        self.sagemaker_backend.describe_endpoint_config(config_name)
        endpoint = self.sagemaker_backend.endpoints[name]
        deployments.begin_update(endpoint)
        keep_deployment(self)
        deployments.start(self.sagemaker_backend, name, config_name)
        return ActionResult({"EndpointArn": endpoint.arn})

    @change(SageMakerResponse)
    def delete_endpoint(moto: Any, self: Any) -> Any:
        endpoint = self.sagemaker_backend.endpoints.get(self._get_param("EndpointName"))
        if endpoint and endpoint.endpoint_status in IN_PROGRESS:
            raise ValidationError(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        answer = moto(self)
        deployments.end(endpoint.arn)
        return answer

    return deployments.close


class Deployments:
    """The fleet of every endpoint, by its ARN."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._serving: dict[str, Fleet] = {}
        self._starting: set[Fleet] = set()

    def serving(self, arn: str) -> Fleet | None:
        return self._serving.get(arn)

    def begin_update(self, endpoint: Any) -> None:
        with self._lock:  # of two updates at once, one is refused
            if endpoint.endpoint_status in IN_PROGRESS:
                raise ValidationError(f'Cannot update in-progress endpoint "{endpoint.arn}".')
            if endpoint.endpoint_status == "Failed":
                raise ValidationError(
                    f'Cannot update endpoint "{endpoint.arn}" in status Failed; delete it instead.'
                )
            endpoint.endpoint_status = "Updating"

    def start(self, backend: Any, name: str, config_name: str) -> None:
        """Deploy in the background what the configuration says now; the fleet before goes on serving meanwhile."""
        config = backend.endpoint_configs[config_name]
        plan = Plan(
            account_id=backend.account_id,
            region=backend.region_name,
            endpoint=name,
            config_name=config_name,
            variants=[dict(variant) for variant in config.production_variants],
            models=dict(backend._models),
            capture=dict(config.data_capture_config or {}),
        )
        threading.Thread(
            target=self._deploy, args=(backend.endpoints[name], plan), daemon=True
        ).start()

    def end(self, arn: str) -> None:
        if fleet := self._serving.pop(arn, None):
            fleet.kill()

    def close(self) -> None:
        with self._lock:
            fleets = [*self._serving.values(), *self._starting]
        for fleet in fleets:
            fleet.kill()

    def _deploy(self, endpoint: Any, plan: Plan) -> None:
        fleet = Fleet(self._account, plan)
        with self._lock:
            self._starting.add(fleet)
        try:
            fleet.start()
        except NotServingError as error:
            self._roll_back(endpoint, str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("Endpoint %s", plan.endpoint)
            self._roll_back(endpoint, f"Internal error: {error!r}")
        else:
            self._take_over(endpoint, fleet)
        finally:
            with self._lock:
                self._starting.discard(fleet)

    def _take_over(self, endpoint: Any, fleet: Fleet) -> None:
        plan = fleet.plan
        before = self._serving.get(endpoint.arn)
        self._serving[endpoint.arn] = fleet
        now = utcnow()
        endpoint.endpoint_config_name = plan.config_name
        endpoint.production_variants = [
            _variant_summary(variant, plan.models, now) for variant in plan.variants
        ]
        endpoint.data_capture_config = _capture_summary(plan.capture)
        endpoint.failure_reason = None
        endpoint.last_modified_time = now
        endpoint.endpoint_status = (
            "InService"  # last: a waiting client reads the rest when it sees this
        )
        if before:
            before.retire()

    def _roll_back(self, endpoint: Any, reason: str) -> None:
        endpoint.failure_reason = reason
        endpoint.last_modified_time = utcnow()
        endpoint.endpoint_status = "InService" if endpoint.arn in self._serving else "Failed"


def _variant_summary(
    variant: Mapping[str, Any], models: Mapping[str, Any], now: Any
) -> dict[str, Any]:
    model = models[variant["ModelName"]]
    image = (model.primary_container or model.containers[0]).get("Image", "")
    count = variant.get("InitialInstanceCount", 1)
    weight = variant.get("InitialVariantWeight", 1.0)
    return {
        "VariantName": variant["VariantName"],
        "DeployedImages": [
            {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": now}
        ],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }


def _capture_summary(config: Mapping[str, Any]) -> dict[str, Any] | None:
    if not config:
        return None
    return {
        "EnableCapture": config.get("EnableCapture", False),
        "CaptureStatus": "Started" if config.get("EnableCapture") else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        **({"KmsKeyId": config["KmsKeyId"]} if config.get("KmsKeyId") else {}),
    }
