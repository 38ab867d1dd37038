"""Empty and delete a bucket: every version of every object, and every delete marker."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from scones.aws import call_or_none, error_code
from scones.clients import S3Client
from scones.errors import UserError
from scones.progress import Progress

# What one DeleteObjects request takes.
BATCH = 1_000


def empty(s3: S3Client, bucket: str) -> int:
    """Delete all versions and delete markers and return their number.

    A bucket that does not exist has none.

    Raises:
        UserError: S3 refuses to delete some of them.
    """
    with Progress(f"Emptying {bucket}", total=None, unit="object versions") as bar:
        while versions := _first_versions(s3, bucket):
            response = s3.delete_objects(
                Bucket=bucket,
                Delete={"Objects": versions, "Quiet": True},
            )
            errors = response.get("Errors")
            if errors:
                reason = errors[0].get("Message") or errors[0].get("Code")
                raise UserError(
                    f"{len(errors)} objects of {bucket} can't be deleted; the first is "
                    f"{errors[0]['Key']}: {reason}. "
                    "Remove their protection and run the same command again."
                )
            bar.add(len(versions))
        return bar.done


def is_empty(s3: S3Client, bucket: str) -> bool:
    """Whether the bucket holds no version and no delete marker, or does not exist."""
    return not _first_versions(s3, bucket)


def delete(s3: S3Client, bucket: str) -> int:
    """Empty and delete a bucket; return how many object versions were in it."""
    versions = empty(s3, bucket)
    call_or_none(lambda: s3.delete_bucket(Bucket=bucket))
    return versions


def _first_versions(s3: S3Client, bucket: str) -> list[Any]:
    """Return the first versions and delete markers, as many as one request deletes."""
    try:
        page = call_or_none(lambda: s3.list_object_versions(Bucket=bucket, MaxKeys=BATCH))
    except ClientError as error:
        if error_code(error) != "AccessDenied":
            raise
        raise UserError(
            f"S3 refuses to list {bucket}: {error}. Ask for s3:ListBucketVersions on it."
        ) from error
    if page is None:
        return []
    entries: list[Any] = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    return [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
