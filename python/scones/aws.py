"""The AWS account that the environment's credentials open."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from scones import request_rates, waits
from scones.cli import say
from scones.errors import UserError
from scones.settings import Target
from scones.waits import Wait

# Uploads and executions run in parallel; each thread needs a connection of its own.
CONNECTIONS = 32

# The codes by which a service asks to be called again later.
BUSY = frozenset(
    {
        "ExecutionLimitExceeded",
        "InternalFailure",
        "InternalServerException",
        "LimitExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
RETRIES = 8

# How S3 reports that a bucket or an object does not exist; the answer to a HEAD request has no
# body, so its code is the status.
NOT_FOUND = frozenset({"404", "NoSuchBucket", "NoSuchKey"})

# Leads to an account elsewhere than on AWS, which has other rates or none.
ENDPOINT_URL = "AWS_ENDPOINT_URL"

Answer = TypeVar("Answer")


class TooBusy(UserError):
    """AWS refuses because of the number of requests, retry after retry."""


def error_code(error: ClientError) -> str:
    """Return the code of an AWS error, such as "AccessDenied"; "" when the response has none."""
    return error.response.get("Error", {}).get("Code", "")


def is_not_found(error: ClientError) -> bool:
    """Whether S3 reports that the bucket or the object does not exist."""
    return error_code(error) in NOT_FOUND


def call_or_none(
    request: Callable[[], Answer], codes: Collection[str] = NOT_FOUND
) -> Answer | None:
    """Return what `request` returns; None where AWS refuses it with one of the error codes."""
    try:
        return request()
    except ClientError as error:
        if error_code(error) not in codes:
            raise
        return None


def split_s3_url(url: str) -> tuple[str, str]:
    """Return the bucket and the key (or prefix) of an s3:// URL; the key may be empty."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def call_with_retries(
    request: Callable[[], Answer],
    pause: float = 0.2,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Return what `request` returns; call it again while AWS is busy, after pauses that double.

    Raises:
        TooBusy: AWS is still busy after about half a minute.
        ClientError: AWS refuses for another reason.
    """
    retries = 0
    while True:
        try:
            return request()
        except ClientError as error:
            code = error_code(error)
            if code not in BUSY:
                raise
            if retries == RETRIES:
                sentence = f"AWS is too busy ({code}). Run the same command again later."
                raise TooBusy(sentence) from error
        # The random part keeps parallel callers from calling at the same moment again.
        sleep(pause * 2**retries * random.uniform(0.5, 1.0))
        retries += 1


def call_when_ready(
    request: Callable[[], Answer],
    is_early: Callable[[ClientError], bool],
    remark: str,
    patience: Wait = waits.BECOMES_READY,
) -> Answer:
    """Return what `request` returns; repeat it while AWS refuses it as too early.

    A role cannot be assumed for some seconds after its creation, and a bucket takes one change at a
    time. The first such refusal is reported with `remark`.

    Raises:
        ClientError: AWS refuses for another reason, or still after two minutes.
    """
    reported = False
    for _ in patience.looks():
        try:
            return request()
        except ClientError as error:
            if not is_early(error):
                raise
        if not reported:
            say(remark)
            reported = True
    return request()


@dataclass(frozen=True)
class Account:
    """An account in one region, with one client per service."""

    id: str
    session: boto3.session.Session
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, target: Target) -> Account:
        """Return the account of the credentials in force, and report which one that is."""
        session = boto3.session.Session(region_name=target.region)
        account_id = session.client("sts").get_caller_identity()["Account"]
        endpoint_url = os.environ.get(ENDPOINT_URL)
        place = f"{target.region}, at {endpoint_url}" if endpoint_url else target.region
        say(f"Target {target.name}: AWS account {account_id}, {place}.")
        return cls(account_id, session)

    @property
    def region(self) -> str:
        return str(self.session.region_name)

    @property
    def is_local(self) -> bool:
        """Whether this is an account elsewhere than on AWS."""
        return bool(os.environ.get(ENDPOINT_URL))

    @property
    def partition(self) -> str:
        """The partition of the account's ARNs: "aws" in most regions."""
        return str(self.session.get_partition_for_region(self.region))

    def client(self, service: str) -> Any:
        """Return the client of a service, such as "s3"; created once."""
        if service not in self._clients:
            config = Config(max_pool_connections=CONNECTIONS)
            create_client: Any = self.session.client  # typed only for names that are literals
            client = create_client(service, config=config)
            if not self.is_local:
                request_rates.keep(client, service)
            self._clients[service] = client
        return self._clients[service]

    def client_of_one_attempt(self, service: str, seconds: float) -> Any:
        """Return a client that sends each request once and waits so long for its answer."""
        config = Config(read_timeout=seconds, retries={"total_max_attempts": 1})
        create_client: Any = self.session.client
        return create_client(service, config=config)
