"""Whether the names of the buckets are free, or already ours: they are unique in the world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from botocore.exceptions import ClientError

from scones.aws import Account, is_not_found
from scones.verification.finding import Finding, ask, ok, problem


def check(names: Iterable[str], account: Account, settings: str) -> list[Finding]:
    findings = []
    for name in names:
        findings += ask("bucket name", "s3:ListBucket", partial(_one, name, account, settings))
    return findings


def _one(name: str, account: Account, settings: str) -> Iterator[Finding]:
    try:
        account.client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=account.id)
    except ClientError as error:
        if is_not_found(error):
            yield ok("bucket name", f"{name} is free")
            return
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status not in (301, 403):
            raise
        yield problem(
            "bucket name",
            f"{name} exists, in another account or region, or is closed to this caller",
            f"Use another environment name in {settings}, or ask for s3:ListBucket on it.",
        )
    else:
        yield ok("bucket name", f"{name} exists in this account")
