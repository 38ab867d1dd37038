"""Step 2: ask the endpoint.

In:  {"s3_bucket": "bucket", "s3_key": "uploads/bike.png", "image_data": "<base64>", "inference_id": "<execution>"}
Out: {"s3_bucket": "bucket", "s3_key": "uploads/bike.png", "image_data": "", "inferences": [0.97, 0.03]}

An empty image_data means that the picture was too large to inline: it is read from S3 here. It is not handed on.
Captured traffic bears the inference_id, which may be left out: by it the traffic is joined with executions and labels.
"""

import base64
import json
import math
import os

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CONTENT_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
KEYS = ("s3_bucket", "s3_key", "image_data")
INFERENCE_ID_LENGTH = 64

# The endpoint is asked once: the state machine repeats the request after a pause. Its 27 s and S3's 14 s stay
# below the function's 45 s and the state's 50 s.
ONCE = {"total_max_attempts": 1}
TWICE = {"mode": "standard", "total_max_attempts": 2}
ENDPOINT = boto3.client(
    "sagemaker-runtime", config=Config(connect_timeout=2, read_timeout=25, retries=ONCE)
)
S3 = boto3.client("s3", config=Config(connect_timeout=2, read_timeout=5, retries=TWICE))


class MissingKeys(Exception):
    """The event lacks what the step before adds."""


class NoSuchBucket(Exception):
    """The bucket went away since the picture was serialized."""


class NoSuchObject(Exception):
    """The picture went away since it was serialized."""


class EndpointError(Exception):
    """The endpoint is missing, busy, broken or out of reach."""


class NotAnImage(Exception):
    """The endpoint cannot decode the picture."""


class ImageTooLarge(Exception):
    """The picture has more pixels or bytes than the endpoint takes."""


class MalformedAnswer(Exception):
    """The endpoint's answer is not a list of numbers."""


ABSENT = {"NoSuchBucket": NoSuchBucket, "NoSuchKey": NoSuchObject}
REFUSALS = {400: NotAnImage, 413: ImageTooLarge, 415: NotAnImage}


def picture(event: object) -> bytes:
    """The bytes of the picture, inlined or from S3."""
    missing = [
        key for key in KEYS if not (isinstance(event, dict) and isinstance(event.get(key), str))
    ]
    if missing:
        raise MissingKeys(f"The input lacks {', '.join(missing)}.")
    if event["image_data"]:
        return base64.b64decode(event["image_data"])
    try:
        return S3.get_object(Bucket=event["s3_bucket"], Key=event["s3_key"])["Body"].read()
    except ClientError as error:
        if absent := ABSENT.get(error.response["Error"]["Code"]):
            raise absent(
                f"There is no s3://{event['s3_bucket']}/{event['s3_key']} any more."
            ) from error
        raise


def inference_id(event: dict) -> dict[str, str]:
    """The request's own field for it, as far as SageMaker takes it; without one, SageMaker makes up an id."""
    named = str(event.get("inference_id") or "")[:INFERENCE_ID_LENGTH]
    return {"InferenceId": named} if named and named.isascii() else {}


def ask(image: bytes, **fields: str) -> bytes:
    """The body of the endpoint's answer."""
    name = os.environ["ENDPOINT_NAME"]
    kind = next(
        (kind for start, kind in CONTENT_TYPES.items() if image.startswith(start)),
        "application/x-image",
    )
    try:
        answer = ENDPOINT.invoke_endpoint(
            EndpointName=name, ContentType=kind, Accept="application/json", Body=image, **fields
        )
        return answer["Body"].read()
    except ClientError as error:
        # ModelError is how SageMaker wraps the status with which the container refused the picture.
        reason = error.response.get("OriginalMessage") or error.response["Error"].get("Message", "")
        refusal = REFUSALS.get(error.response.get("OriginalStatusCode"), EndpointError)
        raise refusal(f"Endpoint {name}: {reason}") from error
    except BotoCoreError as error:
        raise EndpointError(f"Endpoint {name} does not answer: {error}") from error


def numbers(answer: bytes) -> list[float]:
    """The answer as a list of finite numbers."""
    try:
        values = json.loads(answer)
    except ValueError as error:
        raise MalformedAnswer(f"The endpoint's answer is not JSON: {answer[:80]!r}.") from error
    numeric = isinstance(values, list) and all(type(value) in (int, float) for value in values)
    if not (numeric and values and all(abs(value) < math.inf for value in values)):
        raise MalformedAnswer(f"The endpoint's answer is not a list of numbers: {answer[:80]!r}.")
    return values


def lambda_handler(event, _context):
    image = picture(event)
    inferences = numbers(ask(image, **inference_id(event)))
    fields = {"s3_key": event["s3_key"], "bytes": len(image), "inferences": inferences}
    print(json.dumps({"message": "Image classified", **fields}))
    kept = {key: value for key, value in event.items() if key != "inference_id"}
    return {**kept, "image_data": "", "inferences": inferences}
