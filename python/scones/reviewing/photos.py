"""The picture that a message names: its bytes as they are, and what a browser can show of it."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Any

import PIL.Image
from botocore.exceptions import ClientError, ParamValidationError

MOST_BYTES = 25_000_000
LONGEST_SIDE = 1200  # pixels to show
GONE = {"NoSuchKey", "NoSuchBucket", "404"}
CLOSED = {
    "AccessDenied",
    "403",
    "AllAccessDisabled",
    "InvalidBucketName",
    "InvalidObjectState",
    "PermanentRedirect",
}


class NoPhoto(Exception):
    """A sentence that says why there is nothing to look at."""


@dataclass(frozen=True)
class Photo:
    """`body` is the picture as it came, of that `kind` and size; `shown` is a PNG of it the way up it was taken."""

    body: bytes
    sha256: str
    kind: str
    width: int
    height: int
    shown: bytes


def load(s3: Any, bucket: str, key: str) -> Photo:
    """
    Raises:
        NoPhoto: it is gone, closed to us, too large, or no picture.
    """
    place = f"s3://{bucket}/{key}"
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in GONE:
            raise NoPhoto(f"{place} is gone.") from error
        if code in CLOSED:
            raise NoPhoto(f"AWS does not let you read {place}: {code}.") from error
        raise
    except ParamValidationError as error:
        raise NoPhoto(f"{place} names no place in S3.") from error
    if answer["ContentLength"] > MOST_BYTES:
        raise NoPhoto(f"{place} has {answer['ContentLength']:,} bytes, too many to show.")
    return of(answer["Body"].read(), place)


def of(body: bytes, place: str) -> Photo:
    """
    Raises:
        NoPhoto: these bytes, which lie at `place`, are no picture.
    """
    from container.serving.images import (  # late: torch takes a second to load
        FORMATS,
        ImageError,
        pixels,
    )

    try:
        image = PIL.Image.fromarray(pixels(body).permute(1, 2, 0).numpy())
        with PIL.Image.open(io.BytesIO(body), formats=FORMATS) as header:
            kind = str(header.format)
    except ImageError as error:
        raise NoPhoto(f"{place} is no picture that can be read: {error}") from error
    width, height = image.size
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return Photo(body, hashlib.sha256(body).hexdigest(), kind, width, height, file.getvalue())
