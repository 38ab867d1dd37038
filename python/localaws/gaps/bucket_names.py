"""S3: the name of a deleted bucket is not free at once."""

from __future__ import annotations

import time
from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend

from localaws.pace import Duration
from localaws.server.patching import Account, change


class OperationAbortedError(S3ClientError):  # type: ignore[misc]  # moto has no types
    code = "OperationAborted"

    def __init__(self) -> None:
        super().__init__(
            "A conflicting conditional operation is currently in progress against this resource. "
            "Please try again."
        )


def install(_account: Account) -> None:
    free_at: dict[str, float] = {}  # by the name of a deleted bucket, on the monotonic clock

    @change(S3Backend)
    def delete_bucket(moto: Any, self: Any, bucket_name: str) -> Any:
        deleted = moto(self, bucket_name)
        if deleted:
            free_at[bucket_name] = time.monotonic() + Duration.BUCKET_NAME.seconds
        return deleted

    @change(S3Backend)
    def create_bucket(moto: Any, self: Any, bucket_name: str, *args: Any, **settings: Any) -> Any:
        if time.monotonic() < free_at.get(bucket_name, 0.0):
            raise OperationAbortedError
        free_at.pop(bucket_name, None)
        return moto(self, bucket_name, *args, **settings)
