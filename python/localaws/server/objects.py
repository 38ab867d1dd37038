"""The account's S3 from inside the server: whole objects by their s3:// URL, without a request."""

from __future__ import annotations

from moto.core.exceptions import ServiceException
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend, s3_backends

from localaws.persistence import changes


class MissingError(Exception):
    """There is no such bucket or no such object."""


def split(url: str) -> tuple[str, str]:
    """Bucket and key of an s3:// URL."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def keys(account_id: str, url: str) -> list[str]:
    """Sorted keys of the objects whose URL starts with `url`; none where the bucket is missing."""
    bucket, prefix = split(url)
    s3 = _backend(account_id)
    try:
        stored = list(s3.get_bucket(bucket).keys)  # a copy: other requests go on writing
    except S3ClientError:
        return []
    return sorted(key for key in stored if key.startswith(prefix) and s3.get_object(bucket, key))


def read(account_id: str, url: str) -> bytes:
    """The object's content. Raises MissingError."""
    try:
        stored = _backend(account_id).get_object(*split(url))
    except S3ClientError as error:
        raise MissingError(url) from error
    if stored is None:
        raise MissingError(url)
    content: bytes = stored.value
    return content


def write(account_id: str, url: str, content: bytes) -> None:
    """Put an object; the bucket's events and notifications follow. Raises MissingError."""
    try:
        _backend(account_id).put_object(*split(url), content)
    except (S3ClientError, ServiceException) as error:
        raise MissingError(url) from error
    changes.save()


def _backend(account_id: str) -> S3Backend:
    return s3_backends[account_id]["aws"]
