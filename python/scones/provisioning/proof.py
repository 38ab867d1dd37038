"""Proof that the endpoint answers with the model that was planned.

SageMaker may roll an update back while Terraform reports success, so neither's word is taken for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from scones.errors import UserError
from scones.outputs import Outputs

# Training and serving run on different hardware; another model differs by more than this on some probe.
TOLERANCE = 0.01


@dataclass(frozen=True)
class Proof:
    """What was shown: the endpoint's configuration, and how many recorded images got their recorded probabilities."""

    config_name: str
    confirmed: int
    missing: int


def prove(
    model: Mapping[str, Any], outputs: Outputs, sagemaker: Any, runtime: Any, s3: Any
) -> Proof:
    """Compare the endpoint's configuration and its answers with the hand-over.

    Raises:
        UserError: the endpoint serves something else, or does not serve.
    """
    endpoint = sagemaker.describe_endpoint(EndpointName=outputs.endpoint.name)
    if (
        endpoint["EndpointConfigName"] != outputs.endpoint.config_name
        or endpoint["EndpointStatus"] != "InService"
    ):
        raise UserError(f"{_standing(endpoint)} Planned was {outputs.endpoint.config_name}.")
    probes: Mapping[str, Sequence[float]] = model.get("probes") or {}
    confirmed = 0
    for key, expected in sorted(probes.items()):
        picture = _picture(s3, outputs.data_bucket, key)
        if picture is None:
            continue
        answer = runtime.invoke_endpoint(
            EndpointName=outputs.endpoint.name, ContentType="image/png", Body=picture
        )
        probabilities = json.loads(answer["Body"].read())
        if len(probabilities) != len(expected) or any(
            abs(got - want) > TOLERANCE for got, want in zip(probabilities, expected, strict=True)
        ):
            raise UserError(
                f"The endpoint {outputs.endpoint.name} answers {probabilities} for {key}, where training recorded "
                f"{list(expected)}: it does not serve the model that was handed over. "
                'Run "make train RETRAIN=1" and apply again.'
            )
        confirmed += 1
    return Proof(endpoint["EndpointConfigName"], confirmed, len(probes) - confirmed)


def why_not_serving(outputs: Outputs, sagemaker: Any) -> str | None:
    """What the endpoint says about the update that did not reach it; None when it has nothing to say."""
    try:
        endpoint = sagemaker.describe_endpoint(EndpointName=outputs.endpoint.name)
    except ClientError:
        return None
    return _standing(endpoint) if endpoint.get("FailureReason") else None


def _standing(endpoint: Mapping[str, Any]) -> str:
    reason = endpoint.get("FailureReason", "no reason given").rstrip(".")
    if endpoint["EndpointStatus"] == "InService":
        serving = f"goes on serving {endpoint['EndpointConfigName']}"
    else:
        serving = f"is {endpoint['EndpointStatus']}"
    return f"The endpoint {endpoint['EndpointName']} {serving}: {reason}."


def _picture(s3: Any, bucket: str, key: str) -> bytes | None:
    try:
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise
