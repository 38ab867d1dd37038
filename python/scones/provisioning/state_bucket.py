"""The bucket of Terraform's state: the one resource that Terraform cannot make for itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from scones.aws import Account
from scones.cli import say
from scones.settings import Target

KEY = "terraform.tfstate"


@dataclass(frozen=True)
class StateBucket:
    """A versioned, encrypted, private bucket; `name` carries the account's id since bucket names are world-wide."""

    name: str
    s3: Any
    region: str
    partition: str
    tags: dict[str, str]

    @classmethod
    def of(cls, target: Target, account: Account) -> StateBucket:
        return cls(
            f"{target.prefix}-state-{account.id}",
            account.client("s3"),
            account.region,
            account.partition,
            target.tags,
        )

    def exists(self) -> bool:
        try:
            self.s3.head_bucket(Bucket=self.name)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
                return False
            raise
        return True

    def ensure(self) -> None:
        """Make the bucket if it is not there; the tags come last and say that it is finished."""
        exists = self.exists()
        if exists and self._finished():
            return
        if not exists:
            elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
            self.s3.create_bucket(
                Bucket=self.name, **(elsewhere if self.region != "us-east-1" else {})
            )
            say(f"Made the bucket of Terraform's state, {self.name}.")
        private = dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"),
            True,
        )
        self.s3.put_public_access_block(Bucket=self.name, PublicAccessBlockConfiguration=private)
        self.s3.put_bucket_policy(Bucket=self.name, Policy=json.dumps(self._tls_only()))
        self.s3.put_bucket_versioning(
            Bucket=self.name, VersioningConfiguration={"Status": "Enabled"}
        )
        self.s3.put_bucket_tagging(
            Bucket=self.name,
            Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in self.tags.items()]},
        )

    def state_version(self) -> str | None:
        """What identifies the state as it is now; None when there is none yet."""
        try:
            return str(self.s3.head_object(Bucket=self.name, Key=KEY)["ETag"])
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NoSuchBucket"}:
                return None
            raise

    def lock(self) -> dict[str, str] | None:
        """Who holds Terraform's lock on the state: {"ID", "Who", "Created", "Operation", …}; None when it is free."""
        try:
            held = self.s3.get_object(Bucket=self.name, Key=f"{KEY}.tflock")
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NoSuchBucket"}:
                return None
            raise
        return dict(json.loads(held["Body"].read()))

    def backend(self) -> dict[str, str]:
        """The settings of Terraform's S3 backend."""
        return {
            "bucket": self.name,
            "key": KEY,
            "region": self.region,
            "use_lockfile": "true",
            "use_path_style": "true",
        }

    def _finished(self) -> bool:
        try:
            self.s3.get_bucket_tagging(Bucket=self.name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchTagSet":
                return False
            raise
        return True

    def _tls_only(self) -> dict[str, Any]:
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "DenyInsecureTransport",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [
                        f"arn:{self.partition}:s3:::{self.name}{part}" for part in ("", "/*")
                    ],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
