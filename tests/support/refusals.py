"""Requests that AWS refuses, without a server that refuses them."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient


class Refusals:
    """Refuses the first requests of one operation, of a client or of a session's clients.

    Attributes:
        left: how many it still refuses.
    """

    def __init__(
        self,
        caller: boto3.session.Session | BaseClient,
        operation: str,
        code: str,
        message: str,
        count: int,
        status: int = 400,
    ) -> None:
        self.left = count
        self._error = {"Code": code, "Message": message}
        self._status = status
        events = caller.meta.events if isinstance(caller, BaseClient) else caller.events
        handler: Any = self._refuse
        events.register(f"before-call.{operation}", handler)

    def _refuse(self, **_: Any) -> tuple[Any, dict[str, Any]] | None:
        if self.left == 0:
            return None
        self.left -= 1
        no_headers: Any = {}
        return AWSResponse("", self._status, no_headers, None), {"Error": self._error}
