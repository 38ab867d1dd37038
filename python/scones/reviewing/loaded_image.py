"""Loads the image of a review request: its bytes, and a PNG that a browser can show."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import PIL.Image
from botocore.exceptions import ClientError, ParamValidationError

from scones.aws import error_code, is_not_found
from scones.clients import S3Client

MAX_BYTES = 25_000_000
LONGEST_SIDE = 1200  # pixels to show
INACCESSIBLE = {
    "AccessDenied",
    "403",
    "AllAccessDisabled",
    "InvalidBucketName",
    "InvalidObjectState",
    "PermanentRedirect",
}


class ImageUnavailable(Exception):
    """The image cannot be shown; the message is a sentence with the reason."""


@dataclass(frozen=True)
class LoadedImage:
    """An image of a review request.

    Attributes:
        body: the bytes as stored.
        kind: their format, such as "PNG".
        shown: a PNG of the image, upright and not too large.
    """

    body: bytes
    sha256: str
    kind: str
    width: int
    height: int
    shown: bytes


def load(s3: S3Client, bucket: str, key: str) -> LoadedImage:
    """Read and decode an image.

    Raises:
        ImageUnavailable: it is missing, inaccessible, too large, or not an image.
    """
    # Imported late: torch takes a second to load.
    from container.serving.images import FORMATS, ImageError, pixels

    url = f"s3://{bucket}/{key}"
    body = _download(s3, bucket, key, url)
    try:
        image = PIL.Image.fromarray(pixels(body).permute(1, 2, 0).numpy())
        with PIL.Image.open(io.BytesIO(body), formats=FORMATS) as header:
            kind = str(header.format)
    except ImageError as error:
        raise ImageUnavailable(f"{url} is not a readable image: {error}") from error
    width, height = image.size
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    digest = hashlib.sha256(body).hexdigest()
    return LoadedImage(body, digest, kind, width, height, file.getvalue())


def _download(s3: S3Client, bucket: str, key: str, url: str) -> bytes:
    try:
        response = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if is_not_found(error):
            raise ImageUnavailable(f"{url} is missing.") from error
        code = error_code(error)
        if code in INACCESSIBLE:
            raise ImageUnavailable(f"{url} is not accessible: {code}.") from error
        raise
    except ParamValidationError as error:
        raise ImageUnavailable(f"{url} is not a valid S3 URL.") from error
    size = response["ContentLength"]
    if size > MAX_BYTES:
        raise ImageUnavailable(f"{url} is too large to show: {size:,} bytes.")
    return response["Body"].read()
