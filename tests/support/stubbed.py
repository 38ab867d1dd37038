"""An account whose clients give prepared answers, for services that the local AWS does not have.

botocore's Stubber checks each request and each answer against the model of the service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.stub import Stubber

from scones.aws import Account

ID = "123456789012"
ACCESS_KEY = "AKIDEXAMPLE00000"


class Refusal(Exception):
    """An answer that is an error of the service."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


Answer = tuple[str, Any]  # the client's method, and its answer or a Refusal


def account(answers: Mapping[str, Sequence[Answer]], region: str = "us-east-1") -> Account:
    """An account whose services give `answers`, in their order, and no others."""
    session = boto3.session.Session(ACCESS_KEY, "secret", region_name=region)
    clients: dict[str, Any] = {}
    for service, prepared in answers.items():
        create_client: Any = session.client
        client = create_client(service)
        stubber = Stubber(client)
        for method, answer in prepared:
            if isinstance(answer, Refusal):
                stubber.add_client_error(method, answer.code, http_status_code=answer.status)
            else:
                stubber.add_response(method, answer)
        stubber.activate()
        clients[service] = client
    return Account(ID, session, clients)
