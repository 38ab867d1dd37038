from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from scones import progress
from scones.errors import UserError
from scones.removal import buckets

BUCKET = "scones-test-data-123456789012"


@pytest.fixture
def s3(aws: boto3.session.Session) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


def keep_versions(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


def test_every_version_and_every_delete_marker_is_deleted(s3: Any) -> None:
    keep_versions(s3)
    for key in ("train/a.png", "uploads/Fahrrad ä&b.png"):
        for content in (b"one", b"two"):
            s3.put_object(Bucket=BUCKET, Key=key, Body=content)
        s3.delete_object(Bucket=BUCKET, Key=key)
    assert buckets.empty(s3, BUCKET) == 6
    assert buckets.is_empty(s3, BUCKET)
    s3.delete_bucket(Bucket=BUCKET)


def test_a_bucket_that_holds_more_than_one_request_takes_is_emptied(s3: Any) -> None:
    keep_versions(s3)
    for n in range(1_005):
        s3.put_object(Bucket=BUCKET, Key=f"{n % 700:04}", Body=b"")
    for n in range(5):
        s3.delete_object(Bucket=BUCKET, Key=f"{n:04}")
    assert buckets.empty(s3, BUCKET) == 1_010
    assert buckets.is_empty(s3, BUCKET)


def test_objects_from_before_versioning_are_deleted_too(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="old", Body=b"")
    keep_versions(s3)
    assert buckets.empty(s3, BUCKET) == 1
    assert buckets.is_empty(s3, BUCKET)


def test_a_bucket_that_does_not_exist_is_empty(s3: Any) -> None:
    assert buckets.is_empty(s3, "scones-test-gone")
    assert buckets.empty(s3, "scones-test-gone") == 0
    assert buckets.delete(s3, "scones-test-gone") == 0


def test_a_bucket_is_deleted_with_its_content(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="terraform.tfstate", Body=b"{}")
    assert not buckets.is_empty(s3, BUCKET)
    assert buckets.delete(s3, BUCKET) == 1
    with pytest.raises(ClientError, match="404"):
        s3.head_bucket(Bucket=BUCKET)


def test_the_progress_of_a_long_deletion_is_shown(
    s3: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "NOTEWORTHY", 0)
    s3.put_object(Bucket=BUCKET, Key="one", Body=b"")
    buckets.empty(s3, BUCKET)
    assert f"Emptying {BUCKET}: 1 object versions" in capsys.readouterr().err


def test_what_s3_refuses_to_delete_is_a_sentence(s3: Any) -> None:
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    s3.put_object(
        Bucket="locked",
        Key="held.png",
        Body=b"",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate="2099-01-01",
    )
    with pytest.raises(UserError, match=r"held\.png"):
        buckets.empty(s3, "locked")


def test_a_bucket_that_may_not_be_listed_is_a_sentence() -> None:
    class Denied:
        """S3 for a user who may not list versions."""

        def list_object_versions(self, **_: Any) -> Any:
            raise ClientError(
                {"Error": {"Code": "AccessDenied", "Message": "not yours"}}, "ListObjectVersions"
            )

    with pytest.raises(UserError, match="s3:ListBucketVersions"):
        buckets.empty(Denied(), BUCKET)
