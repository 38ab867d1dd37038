"""SageMaker's endpoints: deployed in the background, with rollback to the former fleet."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import FakeEndpoint, sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse

from localaws.gaps.sagemaker import keep_deployment_config
from localaws.json_object import JsonObject
from localaws.persistence import changes
from localaws.sagemaker import invocations
from localaws.sagemaker.fleets import Fleet, NotServingError, Plan
from localaws.server.patching import Account, Closer, change, fill

RESTORE_SECONDS = 30.0  # how long a start waits for the endpoints of the former process

log = logging.getLogger(__name__)


def install(account: Account) -> Closer:
    deployments = Deployments(account)
    invocations.install(deployments.serving.get)

    @change(FakeEndpoint)
    def __init__(moto: Any, self: Any, **request: Any) -> None:  # noqa: N807  moto's constructor
        moto(self, **request)
        # Other threads read the attributes while ours writes them: all exist from the start.
        self.endpoint_status = "Creating"
        self.production_variants = []
        self.data_capture_config = None
        self.last_deployment_config = None

    @change(SageMakerResponse)
    def create_endpoint(moto: Any, self: Any) -> Any:
        name = self._get_param("EndpointName")
        existing = self.sagemaker_backend.endpoints.get(name)
        if existing:
            raise ValidationError(f'Cannot create already existing endpoint "{existing.arn}".')
        answer = moto(self)
        deployments.start(self.sagemaker_backend, name, self._get_param("EndpointConfigName"))
        return answer

    @fill(SageMakerResponse)
    def update_endpoint(self: Any) -> Any:
        name = self._get_param("EndpointName")
        config_name = self._get_param("EndpointConfigName")
        # Both raise what the service would.
        self.sagemaker_backend.describe_endpoint(name)
        self.sagemaker_backend.describe_endpoint_config(config_name)
        endpoint = self.sagemaker_backend.endpoints[name]
        deployments.begin_update(endpoint)
        keep_deployment_config(self)
        deployments.start(self.sagemaker_backend, name, config_name)
        return ActionResult({"EndpointArn": endpoint.arn})

    @change(SageMakerResponse)
    def delete_endpoint(moto: Any, self: Any) -> Any:
        endpoint = self.sagemaker_backend.endpoints.get(self._get_param("EndpointName"))
        if endpoint:
            _refuse_in_progress(endpoint)
        answer = moto(self)
        fleet = deployments.serving.pop(endpoint.arn, None)
        if fleet:
            fleet.kill()
        return answer

    deployments.restore()
    return deployments.close


class Deployments:
    """`serving` is the fleet of every endpoint, by its ARN."""

    def __init__(self, account: Account) -> None:
        self.serving: dict[str, Fleet] = {}
        self._account = account
        self._lock = threading.Lock()
        self._starting: set[Fleet] = set()

    def restore(self) -> None:
        """Serve the endpoints of the former process again, and wait for them."""
        deployments = []
        for _, _, backend in sagemaker_backends.iter_backends():
            for name, endpoint in backend.endpoints.items():
                if endpoint.endpoint_status != "Failed":
                    endpoint.endpoint_status = "Updating"
                    config_name = endpoint.endpoint_config_name
                    deployments.append(self.start(backend, name, config_name))
        deadline = time.monotonic() + RESTORE_SECONDS
        for deployment in deployments:
            deployment.join(max(0.0, deadline - time.monotonic()))

    def begin_update(self, endpoint: Any) -> None:
        with self._lock:  # of two simultaneous updates, one is refused
            _refuse_in_progress(endpoint)
            if endpoint.endpoint_status == "Failed":
                raise ValidationError(
                    f'Cannot update endpoint "{endpoint.arn}" in status Failed; delete it instead.'
                )
            endpoint.endpoint_status = "Updating"

    def start(
        self,
        backend: Any,
        name: str,
        config_name: str,
    ) -> threading.Thread:
        """Deploy the configuration in the background; the former fleet serves meanwhile."""
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
        arguments = (backend.endpoints[name], plan)
        deployment = threading.Thread(target=self._deploy, args=arguments, daemon=True)
        deployment.start()
        return deployment

    def close(self) -> None:
        with self._lock:
            fleets = [*self.serving.values(), *self._starting]
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
            log.exception("Endpoint %s", plan.endpoint)
            self._roll_back(endpoint, f"Internal error: {error!r}")
        else:
            self._replace(endpoint, fleet)
        finally:
            with self._lock:
                self._starting.discard(fleet)

    def _replace(self, endpoint: Any, fleet: Fleet) -> None:
        plan = fleet.plan
        former = self.serving.get(endpoint.arn)
        self.serving[endpoint.arn] = fleet
        endpoint.endpoint_config_name = plan.config_name
        endpoint.production_variants = [
            _variant_summary(variant, plan.container_definition(variant))
            for variant in plan.variants
        ]
        endpoint.data_capture_config = _capture_summary(plan.capture)
        endpoint.failure_reason = None
        endpoint.last_modified_time = utcnow()
        # Last: a waiting client reads the rest as soon as it sees this.
        endpoint.endpoint_status = "InService"
        changes.save_service("sagemaker")
        if former:
            former.retire()

    def _roll_back(self, endpoint: Any, reason: str) -> None:
        endpoint.failure_reason = reason
        endpoint.last_modified_time = utcnow()
        endpoint.endpoint_status = "InService" if endpoint.arn in self.serving else "Failed"
        changes.save_service("sagemaker")


def _refuse_in_progress(endpoint: Any) -> None:
    if endpoint.endpoint_status in {"Creating", "Updating"}:
        raise ValidationError(f'Cannot update in-progress endpoint "{endpoint.arn}".')


def _variant_summary(variant: JsonObject, container: Any) -> JsonObject:
    image = container.get("Image", "")
    count = variant.get("InitialInstanceCount", 1)
    weight = variant.get("InitialVariantWeight", 1.0)
    return {
        "VariantName": variant["VariantName"],
        "DeployedImages": [
            {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": utcnow()}
        ],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }


def _capture_summary(config: JsonObject) -> JsonObject | None:
    if not config:
        return None
    enabled = config.get("EnableCapture", False)
    summary = {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
    }
    if config.get("KmsKeyId"):
        summary["KmsKeyId"] = config["KmsKeyId"]
    return summary
