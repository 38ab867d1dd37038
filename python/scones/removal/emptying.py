"""Empties a bucket for good: every version of every object, and every delete marker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from scones.errors import UserError
from scones.progress import Progress

# What one DeleteObjects request takes.
BATCH = 1_000
UNKNOWN_BUCKET = {"404", "NoSuchBucket"}


def empty(s3: Any, bucket: str) -> int:
    """Delete all versions and delete markers; returns how many. A bucket that does not exist has none.

    Raises:
        UserError: S3 refuses to delete some of them.
    """
    with Progress(f"Emptying {bucket}", total=None, unit="object versions") as bar:
        while found := _first(s3, bucket):
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True})
            if errors := answer.get("Errors"):
                raise _refused(bucket, errors)
            bar.add(len(found))
        return bar.done


def is_empty(s3: Any, bucket: str) -> bool:
    """Whether the bucket holds no version and no delete marker, or does not exist."""
    return not _first(s3, bucket)


def delete(s3: Any, bucket: str) -> int:
    """Empty and delete a bucket; returns how many object versions were in it."""
    versions = empty(s3, bucket)
    try:
        s3.delete_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in UNKNOWN_BUCKET:
            raise
    return versions


def _first(s3: Any, bucket: str) -> list[dict[str, str]]:
    """The first versions and delete markers, as many as one request deletes."""
    try:
        page = s3.list_object_versions(Bucket=bucket, MaxKeys=BATCH)
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDenied":
            raise UserError(
                f"S3 does not let us list {bucket}: {error}. Ask for s3:ListBucketVersions on it."
            ) from error
        if error.response["Error"]["Code"] not in UNKNOWN_BUCKET:
            raise
        return []
    entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    return [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]


def _refused(bucket: str, errors: Sequence[Mapping[str, str]]) -> UserError:
    first = errors[0]
    return UserError(
        f"{len(errors)} objects of {bucket} can't be deleted; the first is {first['Key']}: "
        f"{first.get('Message') or first.get('Code')}. Lift what protects them and run the same command again."
    )
