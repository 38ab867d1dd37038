"""The account's S3 from inside the server: whole objects by their s3:// URL, without a request.

A service reads and writes them under a role: each function raises AccessDeniedError where the role
may not.
"""

from __future__ import annotations

from moto.core.exceptions import ServiceException
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend, s3_backends

from localaws.iam.s3_actions import bucket_arn, object_arn
from localaws.iam.sessions import Session
from localaws.persistence import changes


class MissingError(Exception):
    """There is no such bucket or no such object."""


def split(url: str) -> tuple[str, str]:
    """Bucket and key of an s3:// URL."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def keys(session: Session, url: str) -> list[str]:
    """Sorted keys of the objects whose URL starts with `url`; none where the bucket is missing."""
    bucket, prefix = split(url)
    session.require("s3:ListBucket", bucket_arn(bucket), s3__prefix=prefix)
    s3 = _backend(session.account_id)
    try:
        stored = list(s3.get_bucket(bucket).keys)  # a copy: other requests go on writing
    except S3ClientError:
        return []
    return sorted(key for key in stored if key.startswith(prefix) and s3.get_object(bucket, key))


def read(session: Session, url: str) -> bytes:
    """The object's content. Raises MissingError."""
    bucket, key = split(url)
    session.require("s3:GetObject", object_arn(bucket, key))
    try:
        stored = _backend(session.account_id).get_object(bucket, key)
    except S3ClientError as error:
        raise MissingError(url) from error
    if stored is None:
        # Whoever may not list a bucket does not learn which objects it lacks.
        session.require("s3:ListBucket", bucket_arn(bucket))
        raise MissingError(url)
    content: bytes = stored.value
    return content


def write(session: Session, url: str, content: bytes) -> None:
    """Put an object; the bucket's events and notifications follow. Raises MissingError."""
    bucket, key = split(url)
    session.require("s3:PutObject", object_arn(bucket, key))
    try:
        _backend(session.account_id).put_object(bucket, key, content)
    except (S3ClientError, ServiceException) as error:
        raise MissingError(url) from error
    changes.save()


def delete(session: Session, url: str) -> None:
    """Delete an object, if there is one. Raises MissingError without the bucket."""
    bucket, key = split(url)
    session.require("s3:DeleteObject", object_arn(bucket, key))
    try:
        _backend(session.account_id).delete_object(bucket, key)
    except (S3ClientError, ServiceException) as error:
        raise MissingError(url) from error
    changes.save()


def _backend(account_id: str) -> S3Backend:
    return s3_backends[account_id]["aws"]
