"""The bucket of Terraform's state, on the local AWS."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import accounts
import boto3
import pytest
from refusals import Refusals

from scones.aws import Account
from scones.errors import UserError
from scones.provisioning.state_bucket import StateBucket
from scones.settings import Target

BUSY = ("OperationAborted", "A conflicting conditional operation is currently in progress")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with accounts.local(tmp_path_factory.mktemp("account")) as account:
        yield account.url


@pytest.fixture
def bucket(
    url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> StateBucket:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    session = boto3.session.Session("local", "local", region_name="us-east-1")
    target = Target(f"test{abs(hash(request.node.name))}", "us-east-1")
    return StateBucket(target, Account("123456789012", session))


@pytest.fixture
def s3(bucket: StateBucket) -> Any:
    return bucket.account.client("s3")


def test_a_bucket_does_not_answer_where_the_account_does_not(
    bucket: StateBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bucket.answers(), "there is no such bucket, but an account"
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    session = boto3.session.Session("local", "local", region_name="us-east-1")
    assert not StateBucket(bucket.target, Account("123456789012", session)).answers()


def test_a_missing_bucket_is_created_private_versioned_and_tagged(
    bucket: StateBucket, s3: Any
) -> None:
    assert not bucket.exists()
    bucket.ensure()
    assert bucket.exists()
    assert s3.get_bucket_versioning(Bucket=bucket.name)["Status"] == "Enabled"
    assert all(
        s3.get_public_access_block(Bucket=bucket.name)["PublicAccessBlockConfiguration"].values()
    )
    tags = s3.get_bucket_tagging(Bucket=bucket.name)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == bucket.target.tags


def test_a_bucket_whose_creation_was_interrupted_is_completed(bucket: StateBucket, s3: Any) -> None:
    s3.create_bucket(Bucket=bucket.name)
    bucket.ensure()
    assert s3.get_bucket_versioning(Bucket=bucket.name)["Status"] == "Enabled"


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("operation", ["CreateBucket", "PutBucketPolicy", "PutBucketTagging"])
def test_a_bucket_that_s3_is_busy_with_is_changed_as_soon_as_it_can_be(
    bucket: StateBucket, s3: Any, operation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Refusals(s3, f"s3.{operation}", *BUSY, count=3, status=409)
    bucket.ensure()
    assert {tag["Key"] for tag in s3.get_bucket_tagging(Bucket=bucket.name)["TagSet"]}
    remark = f"S3 is still busy with the bucket {bucket.name}: trying for up to two minutes."
    assert " ".join(capsys.readouterr().err.split()).count(remark) == 1


@pytest.mark.usefixtures("clock")
def test_a_bucket_that_s3_stays_busy_with_is_a_sentence(bucket: StateBucket, s3: Any) -> None:
    Refusals(s3, "s3.CreateBucket", *BUSY, count=99, status=409)
    with pytest.raises(UserError, match=r"still busy .* Run the same command again in some min"):
        bucket.ensure()


def test_the_version_of_the_state_changes_with_the_state(bucket: StateBucket, s3: Any) -> None:
    bucket.ensure()
    assert bucket.state_version() is None
    s3.put_object(Bucket=bucket.name, Key="terraform.tfstate", Body=b"{}")
    first = bucket.state_version()
    s3.put_object(Bucket=bucket.name, Key="terraform.tfstate", Body=b'{"serial": 2}')
    assert first is not None
    assert bucket.state_version() != first


def test_the_holder_of_the_lock_is_returned(bucket: StateBucket, s3: Any) -> None:
    bucket.ensure()
    assert bucket.lock() is None
    s3.put_object(
        Bucket=bucket.name, Key="terraform.tfstate.tflock", Body=b'{"ID": "7", "Who": "ann@desk"}'
    )
    assert bucket.lock() == {"ID": "7", "Who": "ann@desk"}
