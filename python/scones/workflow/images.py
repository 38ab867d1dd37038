"""The picture that a user names: one in S3 already, or a local file that is uploaded first."""

from __future__ import annotations

import hashlib
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from scones.cli import say
from scones.errors import UserError

FOLDER = "uploads"
LONGEST_NAME = 100
SCHEME = "s3://"


@dataclass(frozen=True)
class StoredImage:
    """An object in S3, which need not exist: the workflow says so where it doesn't."""

    bucket: str
    key: str


def resolve(image: str, s3: Any, bucket: str) -> StoredImage:
    """The picture behind a local path or an s3:// URL; a local file goes to `bucket` unless it is there already.

    Raises:
        UserError: `image` is neither a readable file nor a whole URL, or the bucket does not exist.
    """
    if image.lower().startswith(SCHEME):
        return parse(image)
    if not image:
        raise UserError("No image is named. Name a file or an s3:// URL: IMAGE=vehicle.jpg.")
    return upload(Path(image).expanduser(), s3, bucket)


def parse(url: str) -> StoredImage:
    """The bucket and key of s3://bucket/key."""
    bucket, _, key = url[len(SCHEME) :].partition("/")
    if not bucket or not key:
        raise UserError(f"{url} does not name an object. Write s3://bucket/key.")
    return StoredImage(bucket, key)


def upload(path: Path, s3: Any, bucket: str) -> StoredImage:
    """Put a file under a key that follows from its content, so that the same picture is uploaded once."""
    _expect_file(path)
    try:
        with path.open("rb") as content:
            picture = StoredImage(
                bucket, key_of(path.name, hashlib.file_digest(content, "sha256").hexdigest())
            )
            if not _exists(s3, picture):
                content.seek(0)
                s3.put_object(Bucket=bucket, Key=picture.key, Body=content)
                say(f"Uploaded {path} to {SCHEME}{bucket}/{picture.key}.")
    except OSError as error:
        raise UserError(
            f"{path} can't be read: {error.strerror}. Check its permissions."
        ) from error
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            raise UserError(
                f'The data bucket {bucket} does not exist. Run "make apply" first.'
            ) from error
        raise
    return picture


def key_of(name: str, sha256: str) -> str:
    """uploads/<first 16 of the digest>-<name>, the name in characters that need no quoting; its end says the type."""
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-")[-LONGEST_NAME:]
    return f"{FOLDER}/{sha256[:16]}-{plain or 'picture'}"


def _expect_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist. Name a picture, or an s3:// URL.") from error
    except OSError as error:
        raise UserError(
            f"{path} can't be read: {error.strerror}. Name a picture, or an s3:// URL."
        ) from error
    if stat.S_ISDIR(mode):
        raise UserError(f"{path} is a directory. Name one picture in it.")
    if not stat.S_ISREG(mode):
        raise UserError(f"{path} is not a file. Name a picture, or an s3:// URL.")


def _exists(s3: Any, picture: StoredImage) -> bool:
    try:
        s3.head_object(Bucket=picture.bucket, Key=picture.key)
    except ClientError as error:
        if error.response["Error"]["Code"] == "404":
            return False
        raise
    return True
