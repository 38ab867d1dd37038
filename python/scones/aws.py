"""The AWS account that the environment's credentials open."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

from scones.cli import say
from scones.settings import Target

# Uploads and executions run in parallel; each thread wants a connection of its own.
CONNECTIONS = 32


@dataclass(frozen=True)
class Account:
    """An account in one region, with one client per service."""

    id: str
    session: boto3.session.Session
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, target: Target) -> Account:
        """The account behind the credentials in force; says aloud which one that is."""
        session = boto3.session.Session(region_name=target.region)
        account_id = str(session.client("sts").get_caller_identity()["Account"])
        where = os.environ.get("AWS_ENDPOINT_URL")
        say(
            f"Target {target.name}: AWS account {account_id}, {target.region}{f', at {where}' if where else ''}."
        )
        return cls(account_id, session)

    @property
    def region(self) -> str:
        return str(self.session.region_name)

    @property
    def partition(self) -> str:
        """What the account's ARNs begin with: "aws" nearly everywhere."""
        return str(self.session.get_partition_for_region(self.region))

    def client(self, service: str) -> Any:
        """The client of a service, such as "s3"; made once."""
        if service not in self._clients:
            self._clients[service] = self.session.client(
                service, config=Config(max_pool_connections=CONNECTIONS)
            )
        return self._clients[service]
