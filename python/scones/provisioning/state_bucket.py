"""The bucket of Terraform's state: the one resource that Terraform cannot create for itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scones.aws import Account, call_or_none, call_when_ready, error_code
from scones.cli import say
from scones.clients import S3Client
from scones.errors import UserError
from scones.json_object import JsonObject
from scones.settings import Target

KEY = "terraform.tfstate"


@dataclass(frozen=True)
class StateBucket:
    """A versioned, encrypted, private bucket."""

    target: Target
    account: Account

    @property
    def name(self) -> str:
        """With the account's id, since bucket names are unique in the world."""
        return f"{self.target.prefix}-state-{self.account.id}"

    @property
    def _s3(self) -> S3Client:
        s3: S3Client = self.account.client("s3")
        return s3

    def exists(self) -> bool:
        return call_or_none(lambda: self._s3.head_bucket(Bucket=self.name)) is not None

    def answers(self) -> bool:
        """Whether the account can be reached; a refusal is an answer, too."""
        try:
            self.exists()
        except BotoCoreError:
            return False
        except ClientError:
            return True
        return True

    def ensure(self) -> None:
        """Create and configure the bucket; the tags come last and mark it as complete.

        Raises:
            UserError: S3 is busy with the bucket, and still is after two minutes.
        """
        exists = self.exists()
        if exists and self._is_complete():
            return
        if not exists:
            self._change(self._create)
            say(f"Created the bucket of Terraform's state, {self.name}.")
        for configure in (
            self._block_public_access,
            self._deny_insecure_transport,
            self._enable_versioning,
            self._tag,
        ):
            self._change(configure)

    def read_outputs(self) -> JsonObject:
        """Return Terraform's outputs by name; none before the first apply."""
        state = self._read_json(KEY) or {}
        return {name: output["value"] for name, output in state.get("outputs", {}).items()}

    def state_version(self) -> str | None:
        """Return an identifier of the state's content; None without a state."""
        return call_or_none(lambda: self._s3.head_object(Bucket=self.name, Key=KEY)["ETag"])

    def lock(self) -> JsonObject | None:
        """Return Terraform's lock on the state: {"ID", "Who", "Created", "Operation", …}."""
        return self._read_json(f"{KEY}.tflock")

    def backend(self) -> dict[str, str]:
        """Return the settings of Terraform's S3 backend."""
        return {
            "bucket": self.name,
            "key": KEY,
            "region": self.account.region,
            "use_lockfile": "true",
            "use_path_style": "true",
        }

    def _create(self) -> None:
        # us-east-1 is the default, and the one region that S3 refuses as an explicit location.
        if self.account.region == "us-east-1":
            self._s3.create_bucket(Bucket=self.name)
        else:
            location: Any = {"LocationConstraint": self.account.region}
            self._s3.create_bucket(Bucket=self.name, CreateBucketConfiguration=location)

    def _block_public_access(self) -> None:
        self._s3.put_public_access_block(
            Bucket=self.name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )

    def _deny_insecure_transport(self) -> None:
        self._s3.put_bucket_policy(Bucket=self.name, Policy=json.dumps(self._tls_only()))

    def _enable_versioning(self) -> None:
        self._s3.put_bucket_versioning(
            Bucket=self.name,
            VersioningConfiguration={"Status": "Enabled"},
        )

    def _tag(self) -> None:
        tags: Any = [{"Key": key, "Value": value} for key, value in self.target.tags.items()]
        self._s3.put_bucket_tagging(Bucket=self.name, Tagging={"TagSet": tags})

    def _change(self, request: Callable[[], None]) -> None:
        """Change the bucket once S3 has finished what it does with it, such as its deletion."""
        remark = f"S3 is still busy with the bucket {self.name}: trying for up to two minutes."
        try:
            call_when_ready(request, _is_busy, remark)
        except ClientError as error:
            if not _is_busy(error):
                raise
            raise UserError(
                f"S3 is still busy with the bucket {self.name}, as after its deletion. "
                "Run the same command again in some minutes."
            ) from error

    def _is_complete(self) -> bool:
        tagging = call_or_none(
            lambda: self._s3.get_bucket_tagging(Bucket=self.name),
            {"NoSuchTagSet"},
        )
        return tagging is not None

    def _read_json(self, key: str) -> JsonObject | None:
        stored = call_or_none(lambda: self._s3.get_object(Bucket=self.name, Key=key))
        return dict(json.loads(stored["Body"].read())) if stored else None

    def _tls_only(self) -> JsonObject:
        bucket_arn = f"arn:{self.account.partition}:s3:::{self.name}"
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "DenyInsecureTransport",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [bucket_arn, f"{bucket_arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }


def _is_busy(error: ClientError) -> bool:
    return error_code(error) == "OperationAborted"
