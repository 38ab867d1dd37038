"""Proof that the endpoint answers with the planned model.

SageMaker may roll an update back while Terraform reports success, so the endpoint itself is asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from scones.aws import call_or_none
from scones.clients import S3Client, SageMakerClient, SageMakerRuntimeClient
from scones.errors import UserError
from scones.handover import Model
from scones.json_object import JsonObject
from scones.outputs import Outputs

# Training and serving run on different hardware; another model differs by more on some probe.
TOLERANCE = 0.01


@dataclass(frozen=True)
class Proof:
    """The endpoint's configuration, and how many probes were confirmed or are no longer staged."""

    config_name: str
    confirmed: int
    missing: int


def prove(
    model: Model,
    outputs: Outputs,
    sagemaker: SageMakerClient,
    runtime: SageMakerRuntimeClient,
    s3: S3Client,
) -> Proof:
    """Compare the endpoint's configuration and its answers with the hand-over.

    Raises:
        UserError: the endpoint does not serve, or serves something else.
    """
    name = outputs.endpoint.name
    config_name = outputs.endpoint.config_name
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    serves = endpoint["EndpointStatus"] == "InService"
    if not serves or endpoint["EndpointConfigName"] != config_name:
        raise UserError(f"{_describe(endpoint)} Planned was {config_name}.")
    confirmed = 0
    for key, recorded in sorted(model.probes.items()):
        image = _read_image(s3, outputs.data_bucket, key)
        if image is None:
            continue
        answer = runtime.invoke_endpoint(EndpointName=name, ContentType="image/png", Body=image)
        probabilities = json.loads(answer["Body"].read())
        if not _agree(probabilities, recorded):
            raise UserError(
                f"The endpoint {name} answers {probabilities} for {key}, where training recorded "
                f"{list(recorded)}: it does not serve the model that was handed over. "
                'Run "make train RETRAIN=1" and apply again.'
            )
        confirmed += 1
    return Proof(
        endpoint["EndpointConfigName"],
        confirmed,
        len(model.probes) - confirmed,
    )


def endpoint_failure(outputs: Outputs, sagemaker: SageMakerClient) -> str | None:
    """Return why the endpoint's last update failed; None if it gives no reason."""
    try:
        endpoint = sagemaker.describe_endpoint(EndpointName=outputs.endpoint.name)
    except ClientError:
        return None
    return _describe(endpoint) if endpoint.get("FailureReason") else None


def _agree(probabilities: Sequence[float], recorded: Sequence[float]) -> bool:
    if len(probabilities) != len(recorded):
        return False
    pairs = zip(probabilities, recorded, strict=True)
    return all(abs(answered - expected) <= TOLERANCE for answered, expected in pairs)


def _describe(endpoint: JsonObject) -> str:
    reason = endpoint.get("FailureReason", "no reason given").rstrip(".")
    state = f"is {endpoint['EndpointStatus']}"
    if endpoint["EndpointStatus"] == "InService":
        state = f"still serves {endpoint['EndpointConfigName']}"
    return f"The endpoint {endpoint['EndpointName']} {state}: {reason}."


def _read_image(s3: S3Client, bucket: str, key: str) -> bytes | None:
    stored = call_or_none(lambda: s3.get_object(Bucket=bucket, Key=key), {"NoSuchKey"})
    return stored["Body"].read() if stored else None
