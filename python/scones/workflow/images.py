"""The image that a user names: one in S3, or a local file that is uploaded first."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from scones.aws import call_or_none, error_code, split_s3_url
from scones.cli import say
from scones.clients import S3Client
from scones.errors import UserError

FOLDER = "uploads"
MAX_NAME = 100
SCHEME = "s3://"


@dataclass(frozen=True)
class StoredImage:
    """An object in S3, which need not exist: the workflow reports it if it doesn't."""

    bucket: str
    key: str


def resolve(image: str, s3: S3Client, bucket: str) -> StoredImage:
    """Return the image at a local path or an s3:// URL; upload a local file to `bucket`.

    Raises:
        UserError: `image` is neither a readable file nor a whole URL, or the bucket does not exist.
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
    remedy = "Name an image, or an s3:// URL."
    try:
        if path.exists() and not path.is_file():
            raise UserError(f"{path} is not a file. {remedy}")
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}. {remedy}") from error
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


def upload_key(name: str, sha256: str) -> str:
    """Return uploads/<first 16 of the digest>-<name>, in characters that need no quoting."""
    # The end of a long name is kept, since it holds the file type.
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-")[-MAX_NAME:]
    return f"{FOLDER}/{sha256[:16]}-{plain or 'image'}"
