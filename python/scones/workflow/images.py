"""The image that a user names: one in S3, or a local file that is uploaded first."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

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


@dataclass(frozen=True)
class StoredImage:
    """An object in S3, which need not exist: the workflow reports it if it doesn't."""

    bucket: str
    key: str


def resolve(image: str, s3: S3Client, bucket: str) -> StoredImage:
    """Return the image at a local path or an s3:// URL; upload a local file to `bucket`.

    A file is looked at first; what lies in S3 is left to the workflow.

    Raises:
        UserError: `image` is neither an image in a file nor a whole URL, or the bucket does not
            exist.
    """
    if image.lower().startswith(SCHEME):
        return parse(image)
    if not image:
        raise UserError("No image is named. Name a file or an s3:// URL: IMAGE=vehicle.jpg.")
    return upload(Path(image).expanduser(), s3, bucket)


def parse(url: str) -> StoredImage:
    """Return the bucket and key of s3://bucket/key."""
    bucket, key = split_s3_url(SCHEME + url[len(SCHEME) :])
    if not bucket or not key:
        raise UserError(f"{url} does not name an object. Write s3://bucket/key.")
    return StoredImage(bucket, key)


def upload(path: Path, s3: S3Client, bucket: str) -> StoredImage:
    """Put a file under a key derived from its content, so that an image is uploaded only once."""
    content = read_image(path)
    key = upload_key(path.name, hashlib.sha256(content).hexdigest())
    try:
        if call_or_none(lambda: s3.head_object(Bucket=bucket, Key=key), {"404"}) is None:
            s3.put_object(Bucket=bucket, Key=key, Body=content)
            say(f"Uploaded {path} to {SCHEME}{bucket}/{key}.")
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
    if not content:
        raise UserError(f"{path} is empty. {REMEDY}")
    try:
        decoding.check(content, CHECKED_SIZE)
    except decoding.UnknownFormat as error:
        formats = ", ".join(decoding.FORMATS)
        raise UserError(f"{path} is not an image. The known formats are {formats}.") from error
    except decoding.ImageTooLarge as error:
        raise UserError(f"{path} is too large. {error} Name a smaller one.") from error
    except decoding.ImageError as error:
        reason = str(error.__cause__).rstrip(".")
        raise UserError(f"{path} is damaged: {reason}. {REMEDY}") from error
    return content


def upload_key(name: str, sha256: str) -> str:
    """Return uploads/<first 16 of the digest>-<name>, in characters that need no quoting."""
    # The end of a long name is kept, since it holds the file type.
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-")[-MAX_NAME:]
    return f"{FOLDER}/{sha256[:16]}-{plain or 'image'}"
