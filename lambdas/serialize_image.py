"""Step 1: read the picture and inline it.

In:  {"s3_bucket": "bucket", "s3_key": "uploads/bike.png"}
Out: {"s3_bucket": "bucket", "s3_key": "uploads/bike.png", "image_data": "<base64>", "inferences": []}

A state holds at most 262,144 bytes: the image_data of a picture that would not fit is "", and the next step reads S3.
"""

import base64
import json

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

TWICE = {"mode": "standard", "total_max_attempts": 2}
S3 = boto3.client("s3", config=Config(connect_timeout=2, read_timeout=5, retries=TWICE))


class MissingKeys(Exception):
    """The event does not name a picture."""


class NoSuchBucket(Exception):
    """There is no such bucket."""


class NoSuchObject(Exception):
    """The bucket holds no such object."""


class EmptyImage(Exception):
    """The object has no bytes."""


class NotAnImage(Exception):
    """The object does not begin like a picture."""


class ImageTooLarge(Exception):
    """The object is larger than an endpoint takes."""


ABSENT = {"NoSuchBucket": NoSuchBucket, "NoSuchKey": NoSuchObject, "KeyTooLongError": NoSuchObject}


def locate(event: object) -> tuple[str, str]:
    """Bucket and key of the picture."""
    named = event if isinstance(event, dict) else {}
    missing = [
        key
        for key in ("s3_bucket", "s3_key")
        if not (isinstance(named.get(key), str) and named[key])
    ]
    if missing:
        raise MissingKeys(f"The input lacks {' and '.join(missing)}; it must name them as text.")
    return named["s3_bucket"], named["s3_key"]


def read(bucket: str, key: str) -> tuple[int, bytes]:
    """Size of the object, and its content; of an object too large to inline, only the first bytes."""
    place = f"s3://{bucket}/{key}"
    try:
        found = S3.get_object(Bucket=bucket, Key=key)
    except ParamValidationError as error:
        raise NoSuchBucket(f"{bucket} cannot be the name of a bucket.") from error
    except ClientError as error:
        if absent := ABSENT.get(error.response["Error"]["Code"]):
            raise absent(f"There is no {place}.") from error
        raise
    size = found["ContentLength"]
    if size == 0:
        raise EmptyImage(f"{place} is empty.")
    if size > LARGEST_BYTES:
        raise ImageTooLarge(
            f"{place} has {size:,} bytes; at most {LARGEST_BYTES:,} can be classified."
        )
    with found["Body"] as body:
        content = body.read(size if size <= INLINE_BYTES else SIGNATURE_BYTES)
    if not content.startswith(SIGNATURES):
        raise NotAnImage(f"{place} is not a picture: it begins like no known format.")
    return size, content


def lambda_handler(event, _context):
    bucket, key = locate(event)
    size, content = read(bucket, key)
    inlined = size <= INLINE_BYTES
    print(
        json.dumps(
            {"message": "Image serialized", "s3_key": key, "bytes": size, "inlined": inlined}
        )
    )
    return {
        **event,
        "image_data": base64.b64encode(content).decode() if inlined else "",
        "inferences": [],
    }
