"""Proof that the endpoint answers with the planned model.

SageMaker may roll an update back while Terraform reports success, so the endpoint itself is asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError

from container.serving import attribution
from container.serving.attribution import Attribution
from scones import waits
from scones.aws import BUSY, call_or_none, error_code
from scones.clients import S3Client, SageMakerClient, SageMakerRuntimeClient
from scones.errors import UserError
from scones.handover import Model
from scones.outputs import Outputs
from scones.provisioning import settling
from scones.training.request import SCRIPT
from scones.waits import Wait

# Training and serving run on different hardware; another model differs by more on some probe.
TOLERANCE = 0.01
# The container answered with an error; one of 4xx means the image, so it comes again.
MODEL_ERROR = "ModelError"
# Codes of requests that may succeed later; an endpoint is invoked by name before every host of the
# service knows it, which is a ValidationError.
MAY_PASS = BUSY | {
    "InternalDependencyException",
    "ModelNotReadyException",
    "ValidationError",
    MODEL_ERROR,
}


class NoAnswer(UserError):
    """The endpoint is in service, but invocations fail."""


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
    patience: Wait = waits.ENDPOINT_ANSWERS,
) -> Proof:
    """Compare the endpoint's configuration and its answers with the hand-over.

    Args:
        runtime: should make one attempt at each request, of a few seconds.
        patience: how long each answer may fail at first.

    Raises:
        NoAnswer: the endpoint is in service, but does not answer.
        UserError: the endpoint does not serve, or serves something else.
    """
    name = outputs.endpoint.name
    config_name = outputs.endpoint.config_name
    endpoint = settling.wait(name, sagemaker)
    if endpoint is None:
        raise UserError(f"There is no endpoint {name}. Planned was {config_name}.")
    status, served = endpoint["EndpointStatus"], endpoint["EndpointConfigName"]
    if status != "InService" or served != config_name:
        raise UserError(f"The endpoint {name} does not serve what was planned, {config_name}.")
    confirmed = 0
    for key, recorded in sorted(model.probes.items()):
        image = _read_image(s3, outputs.data_bucket, key)
        if image is None:
            continue
        probabilities, stated = _ask(name, image, runtime, patience)
        if not _agree(probabilities, recorded):
            raise UserError(
                f"The endpoint {name} answers {probabilities} for {key}, where training recorded "
                f"{list(recorded)}: it does not serve the model that was handed over. "
                'Run "make train RETRAIN=1" and apply again.'
            )
        if model.algorithm == SCRIPT and (stated is None or stated.model != model.name):
            raise UserError(
                f"The answers of the endpoint {name} do not state that they are by {model.name}: "
                "the workflow accepts none of them. An earlier version of this project trained "
                'this model. Run "make train RETRAIN=1" and apply again.'
            )
        confirmed += 1
    return Proof(
        served,
        confirmed,
        len(model.probes) - confirmed,
    )


def _ask(
    name: str,
    image: bytes,
    runtime: SageMakerRuntimeClient,
    patience: Wait,
) -> tuple[list[float], Attribution | None]:
    """Return the endpoint's probabilities for an image, and which model it says gave them.

    It is asked again while it does not answer.
    """
    failure: Exception | None = None
    for _ in patience.looks():
        try:
            answer = runtime.invoke_endpoint(EndpointName=name, ContentType="image/png", Body=image)
            stated = attribution.parse(answer.get("CustomAttributes", ""))
            return list(json.loads(answer["Body"].read())), stated
        except ClientError as error:
            if error_code(error) not in MAY_PASS:
                raise
            failure = error
            if _is_refused(error):
                break
        except HTTPClientError as error:  # the answer takes too long, or the connection broke
            failure = error
    raise NoAnswer(f"The endpoint {name} does not answer. {_sentence(failure)}")


def _is_refused(error: ClientError) -> bool:
    """Whether the model's container does not accept the request, so that it never will."""
    status: Any = error.response.get("OriginalStatusCode", 500)
    return error_code(error) == MODEL_ERROR and int(status) < 500


def _sentence(error: Exception | None) -> str:
    return str(error).rstrip(".") + "."


def _agree(probabilities: Sequence[float], recorded: Sequence[float]) -> bool:
    if len(probabilities) != len(recorded):
        return False
    pairs = zip(probabilities, recorded, strict=True)
    return all(abs(answered - expected) <= TOLERANCE for answered, expected in pairs)


def _read_image(s3: S3Client, bucket: str, key: str) -> bytes | None:
    stored = call_or_none(lambda: s3.get_object(Bucket=bucket, Key=key), {"NoSuchKey"})
    return stored["Body"].read() if stored else None
