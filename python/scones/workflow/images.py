"""The image that a user names: one in the data bucket, or one that is uploaded into it first.

The workflow may read the data bucket alone. So an image of another bucket is read with the user's
permissions and copied.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError, ParamValidationError

from container.serving import decoding
from scones.aws import call_or_none, error_code, split_s3_url
from scones.cli import say
from scones.clients import S3Client
from scones.errors import UserError

FOLDER = "uploads"
MAX_NAME = 100
REMEDY = "Name an image, or an s3:// URL."
# Pixels: a large photograph is decoded at a fraction of its size, as the endpoint does.
CHECKED_SIZE = 32
SCHEME = "s3://"
COPIED_BYTES = 100_000_000
MISSING = {"NoSuchBucket", "NoSuchKey"}
FORBIDDEN = 403  # the HTTP status of AccessDenied, of archived objects, and of keys of KMS


@dataclass(frozen=True)
class StoredImage:
    """An object in S3, which need not exist: the workflow reports it if it doesn't."""

    bucket: str
    key: str


def resolve(image: str, s3: S3Client, bucket: str) -> StoredImage:
    """Return the image at a local path or an s3:// URL, in `bucket`, the data bucket.

    What is uploaded or copied is looked at first; what lies in `bucket` is left to the workflow.

    Raises:
        UserError: `image` is neither an image nor a whole URL, it can't be read, or the data
            bucket does not exist.
    """
    if image.lower().startswith(SCHEME):
        stored = parse(image)
        return stored if stored.bucket == bucket else copy(stored, s3, bucket)
    if not image:
        raise UserError("No image is named. Name a file or an s3:// URL: IMAGE=vehicle.jpg.")
    return upload(Path(image).expanduser(), s3, bucket)


def parse(url: str) -> StoredImage:
    """Return the bucket and key of s3://bucket/key."""
    bucket, key = split_s3_url(SCHEME + url[len(SCHEME) :])
    if not bucket or not key:
        raise UserError(f"{url} does not name an object. Write s3://bucket/key.")
    return StoredImage(bucket, key)


def copy(source: StoredImage, s3: S3Client, bucket: str) -> StoredImage:
    """Copy an image of another bucket into `bucket`."""
    url = f"{SCHEME}{source.bucket}/{source.key}"
    try:
        answer = s3.get_object(Bucket=source.bucket, Key=source.key)
    except ParamValidationError as error:
        raise UserError(f"{source.bucket} is not a valid bucket name. {REMEDY}") from error
    except ClientError as error:
        code = error_code(error)
        if code in MISSING:
            raise UserError(f"{url} does not exist. {REMEDY}") from error
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == FORBIDDEN:
            reason = error.response["Error"].get("Message", code)
            raise UserError(
                f"{url} lies outside the data bucket, and you can't read it to copy it there: "
                f"{reason.rstrip('.')}. Ask for s3:GetObject on it, or name another image."
            ) from error
        raise
    size = answer["ContentLength"]
    if size > COPIED_BYTES:
        raise UserError(f"{url} has {size:,} bytes, too many for an image. {REMEDY}")
    content = answer["Body"].read()
    check(content, url)
    return put(content, url, s3, bucket)


def upload(path: Path, s3: S3Client, bucket: str) -> StoredImage:
    """Put an image in a file into `bucket`."""
    return put(read_image(path), str(path), s3, bucket)


def put(content: bytes, source: str, s3: S3Client, bucket: str) -> StoredImage:
    """Put it under a key derived from its content, so that an image is uploaded only once.

    `source` is where it is from, a path or URL.
    """
    key = upload_key(source.rpartition("/")[2], hashlib.sha256(content).hexdigest())
    try:
        if call_or_none(lambda: s3.head_object(Bucket=bucket, Key=key), {"404"}) is None:
            s3.put_object(Bucket=bucket, Key=key, Body=content)
            say(f"Uploaded {source} to {SCHEME}{bucket}/{key}.")
    except ClientError as error:
        if error_code(error) != "NoSuchBucket":
            raise
        raise UserError(
            f'The data bucket {bucket} does not exist. Run "make apply" first.'
        ) from error
    return StoredImage(bucket, key)


def read_image(path: Path) -> bytes:
    """Return the content of a file that the endpoint's own decoder can read as an image.

    Raises:
        UserError: it is missing, a folder, empty, or not an image.
    """
    try:
        if path.is_dir():
            raise UserError(f"{path} is a folder. {REMEDY}")
        if path.exists() and not path.is_file():
            raise UserError(f"{path} is not a file. {REMEDY}")
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}. {REMEDY}") from error
    check(content, str(path))
    return content


def check(content: bytes, source: str) -> None:
    """Let the endpoint's own decoder look at an image.

    Raises:
        UserError: it is empty, or not an image.
    """
    if not content:
        raise UserError(f"{source} is empty. {REMEDY}")
    try:
        decoding.check(content, CHECKED_SIZE)
    except decoding.UnknownFormat as error:
        formats = ", ".join(decoding.FORMATS)
        raise UserError(f"{source} is not an image. The known formats are {formats}.") from error
    except decoding.ImageTooLarge as error:
        raise UserError(f"{source} is too large. {error} Name a smaller one.") from error
    except decoding.ImageError as error:
        reason = str(error.__cause__).rstrip(".")
        raise UserError(f"{source} is damaged: {reason}. {REMEDY}") from error


def upload_key(name: str, sha256: str) -> str:
    """Return uploads/<first 16 of the digest>-<name>, in characters that need no quoting."""
    # The end of a long name is kept, since it holds the file type.
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-")[-MAX_NAME:]
    return f"{FOLDER}/{sha256[:16]}-{plain or 'image'}"
