"""Step 2: request one probability per class from the endpoint.

In:  {"s3_bucket": "bucket", "s3_key": "uploads/bike.png", "image_data": "<base64>",
      "inference_id": "<execution>"}
Out: {"s3_bucket": "bucket", "s3_key": "uploads/bike.png", "image_data": "",
      "inferences": [0.97, 0.03],
      "attribution": {"model": "scones-1", "threshold": 0.93,
                      "classes": ["bicycle", "motorcycle"]}}

The attribution is how the answering model names itself, in the custom attributes of its answer
(python/container/serving/attribution.py): the endpoint may serve another model than the one that
was deployed last. It is null where the answer says nothing, as the built-in algorithm's.
An empty image_data means that the image was too large to inline: it is read from S3 here.
Captured traffic carries the optional inference_id, which joins it with executions and labels.
"""

import base64
import json
import math
import os
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CONTENT_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
OTHER_CONTENT_TYPE = "application/x-image"
KEYS = ("s3_bucket", "s3_key", "image_data")
INFERENCE_ID_LENGTH = 64

# The endpoint is called once: the state machine retries after a pause. Its 27 s and the 14 s of
# S3 stay below the function's 45 s and the state's 50 s.
ENDPOINT_CONFIG = Config(connect_timeout=2, read_timeout=25, retries={"total_max_attempts": 1})
S3_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},
)
ENDPOINT = boto3.client("sagemaker-runtime", config=ENDPOINT_CONFIG)
S3 = boto3.client("s3", config=S3_CONFIG)


class MissingKeys(Exception):
    """The event lacks what the previous step adds."""


class NoSuchBucket(Exception):
    """The bucket was deleted after the image was serialized."""


class NoSuchObject(Exception):
    """The image was deleted after it was serialized."""


class EndpointError(Exception):
    """The endpoint is missing, busy, broken or out of reach."""


class NotAnImage(Exception):
    """The endpoint cannot decode the image."""


class ImageTooLarge(Exception):
    """The image has more pixels or bytes than the endpoint accepts."""


class MalformedAnswer(Exception):
    """The endpoint's response is not a list of numbers."""


MISSING = {"NoSuchBucket": NoSuchBucket, "NoSuchKey": NoSuchObject}
REJECTIONS = {400: NotAnImage, 413: ImageTooLarge, 415: NotAnImage}


def read_image(event: object) -> bytes:
    """Return the bytes of the image, inlined or from S3."""
    fields = event if isinstance(event, dict) else {}
    missing = [key for key in KEYS if not isinstance(fields.get(key), str)]
    if missing:
        raise MissingKeys(f"The input lacks {', '.join(missing)}.")
    if fields["image_data"]:
        return base64.b64decode(fields["image_data"])
    bucket, key = fields["s3_bucket"], fields["s3_key"]
    try:
        return bytes(S3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in MISSING:
            raise
        raise MISSING[code](f"s3://{bucket}/{key} no longer exists.") from error


def optional_fields(event: dict[str, Any]) -> dict[str, str]:
    """Return the request's inference id, cut to SageMaker's limit; it accepts ASCII only."""
    inference_id = str(event.get("inference_id") or "")[:INFERENCE_ID_LENGTH]
    if not inference_id or not inference_id.isascii():
        return {}
    return {"InferenceId": inference_id}


def content_type(image: bytes) -> str:
    for signature, media_type in CONTENT_TYPES.items():
        if image.startswith(signature):
            return media_type
    return OTHER_CONTENT_TYPE


def invoke_endpoint(image: bytes, **fields: Any) -> tuple[bytes, str]:
    """Return the body of the endpoint's response, and its custom attributes."""
    name = os.environ["ENDPOINT_NAME"]
    try:
        answer = ENDPOINT.invoke_endpoint(
            EndpointName=name,
            ContentType=content_type(image),
            Accept="application/json",
            Body=image,
            **fields,
        )
        return bytes(answer["Body"].read()), answer.get("CustomAttributes", "")
    except ClientError as error:
        # SageMaker wraps the status with which the container rejected the image as a ModelError.
        response: dict[str, Any] = {**error.response}
        status = response.get("OriginalStatusCode", 500)
        reason = response.get("OriginalMessage") or response["Error"].get("Message", "")
        raise REJECTIONS.get(status, EndpointError)(f"Endpoint {name}: {reason}") from error
    except BotoCoreError as error:
        raise EndpointError(f"Endpoint {name} does not answer: {error}") from error


def parse_inferences(body: bytes) -> list[float]:
    """Return the response as a list of finite numbers."""
    try:
        values = json.loads(body)
    except ValueError as error:
        raise MalformedAnswer(f"The endpoint's answer is not JSON: {body[:80]!r}.") from error
    if not isinstance(values, list) or not values or not all(map(is_finite_number, values)):
        raise MalformedAnswer(f"The endpoint's answer is not a list of numbers: {body[:80]!r}.")
    return values


def is_finite_number(value: object) -> bool:
    # True and False are ints, too. Comparing with infinity excludes NaN as well.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < math.inf


def parse_attribution(attributes: str) -> dict[str, Any] | None:
    """Return how the model names itself; custom attributes of another kind say nothing."""
    try:
        attribution = json.loads(attributes)
    except (ValueError, RecursionError):
        return None
    return attribution if isinstance(attribution, dict) else None


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    image = read_image(event)
    body, attributes = invoke_endpoint(image, **optional_fields(event))
    answer = {
        "inferences": parse_inferences(body),
        "attribution": parse_attribution(attributes),
    }
    line = {"message": "Image classified", "s3_key": event["s3_key"], "bytes": len(image)}
    print(json.dumps({**line, **answer}))
    result = {key: value for key, value in event.items() if key != "inference_id"}
    return {**result, "image_data": "", **answer}
