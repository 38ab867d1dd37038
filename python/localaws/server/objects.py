"""The account's S3 from inside the server: whole objects by their s3:// URL, without a request."""

from __future__ import annotations

from moto.core.exceptions import ServiceException
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend, s3_backends


class MissingError(Exception):
    """There is no such bucket or no such object."""


def split(url: str) -> tuple[str, str]:
    """Bucket and key of an s3:// URL."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def keys(account_id: str, url: str) -> list[str]:
    """Keys of the objects whose URL starts with `url`, sorted; none where the bucket does not exist."""
    bucket, prefix = split(url)
    try:
        store = dict(
            _s3(account_id).get_bucket(bucket).keys
        )  # a copy: other requests go on writing
    except S3ClientError:
        return []
    return sorted(
        key for key in store if key.startswith(prefix) and _s3(account_id).get_object(bucket, key)
    )


def read(account_id: str, url: str) -> bytes:
    """The object's content. Raises MissingError."""
    bucket, key = split(url)
    try:
        found = _s3(account_id).get_object(bucket, key)
    except S3ClientError as error:
        raise MissingError(url) from error
    if found is None:
        raise MissingError(url)
    content: bytes = found.value
    return content


def write(account_id: str, url: str, content: bytes) -> None:
    """Put an object; events and notifications of the bucket follow as after any request. Raises MissingError."""
    bucket, key = split(url)
    try:
        _s3(account_id).put_object(bucket, key, content)
    except (S3ClientError, ServiceException) as error:
        raise MissingError(url) from error


def _s3(account_id: str) -> S3Backend:
    return s3_backends[account_id]["aws"]
