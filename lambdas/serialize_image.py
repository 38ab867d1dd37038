"""Step 1: read the image from S3 and inline it.

In:  {"s3_bucket": "bucket", "s3_key": "uploads/bike.png"}
Out: {"s3_bucket": "bucket", "s3_key": "uploads/bike.png",
      "image_data": "<base64>", "inferences": []}

A state holds at most 262,144 bytes. For an image that does not fit, image_data is "" and the next
step reads the image from S3.
"""

import base64
import json
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

INLINE_BYTES = 184_320
LARGEST_BYTES = 6_291_456
SIGNATURES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"RIFF",
)
SIGNATURE_BYTES = 16

CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},
)
S3 = boto3.client("s3", config=CONFIG)


class MissingKeys(Exception):
    """The event does not name an image."""


class NoSuchBucket(Exception):
    """The bucket does not exist."""


class NoSuchObject(Exception):
    """The bucket has no object with this key."""


class EmptyImage(Exception):
    """The object has no bytes."""


class NotAnImage(Exception):
    """The object does not begin with the signature of an image format."""


class ImageTooLarge(Exception):
    """The object is larger than an endpoint accepts."""


MISSING = {
    "NoSuchBucket": NoSuchBucket,
    "NoSuchKey": NoSuchObject,
    "KeyTooLongError": NoSuchObject,
}


def parse(event: object) -> tuple[str, str]:
    """Return bucket and key of the image."""
    fields = event if isinstance(event, dict) else {}
    missing = []
    for name in ("s3_bucket", "s3_key"):
        value = fields.get(name)
        if not value or not isinstance(value, str):
            missing.append(name)
    if missing:
        raise MissingKeys(f"The input lacks {' and '.join(missing)}; both must be text.")
    return fields["s3_bucket"], fields["s3_key"]


def open_object(bucket: str, key: str) -> dict[str, Any]:
    """Return S3's response, whose body has not been read yet."""
    try:
        return {**S3.get_object(Bucket=bucket, Key=key)}
    except ParamValidationError as error:
        raise NoSuchBucket(f"{bucket} is not a valid bucket name.") from error
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in MISSING:
            raise
        raise MISSING[code](f"s3://{bucket}/{key} does not exist.") from error


def read_image(bucket: str, key: str) -> tuple[int, bytes]:
    """Return the size of the image and its content.

    Of an image that is too large to inline, only the first bytes are read.
    """
    url = f"s3://{bucket}/{key}"
    response = open_object(bucket, key)
    size = response["ContentLength"]
    if size == 0:
        raise EmptyImage(f"{url} is empty.")
    if size > LARGEST_BYTES:
        raise ImageTooLarge(f"{url} has {size:,} bytes, more than {LARGEST_BYTES:,}.")
    with response["Body"] as body:
        content = body.read(size if size <= INLINE_BYTES else SIGNATURE_BYTES)
    if not content.startswith(SIGNATURES):
        raise NotAnImage(f"{url} is not an image: its first bytes match no known format.")
    return size, content


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    bucket, key = parse(event)
    size, content = read_image(bucket, key)
    inlined = size <= INLINE_BYTES
    line = {"message": "Image serialized", "s3_key": key, "bytes": size, "inlined": inlined}
    print(json.dumps(line))
    image_data = base64.b64encode(content).decode() if inlined else ""
    return {**event, "image_data": image_data, "inferences": []}
