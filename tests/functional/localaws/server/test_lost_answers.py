"""A client whose connection breaks after the account has carried out its request."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from accounts import Account
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.httpsession import URLLib3Session
from deployed_functions import ROLE, Functions, zipped

FUNCTION = {
    "FunctionName": "lost-answer",
    "Runtime": "python3.12",
    "Role": ROLE,
    "Handler": "app.handler",
    "Code": {"ZipFile": zipped("def handler(event, context): return 1")},
}


class LostAnswer:
    """Sends a client's next request, and loses the answer as a reset connection does."""

    def __init__(self, client: Any) -> None:
        self.attempts = 0
        client.meta.events.register("before-send", self._send)

    def _send(self, request: Any, **_: Any) -> None:
        self.attempts += 1
        if self.attempts == 1:
            assert URLLib3Session().send(request).status_code == 201
            raise ConnectionClosedError(endpoint_url=request.url)


def test_a_creation_whose_answer_is_lost_succeeds_when_the_sdk_sends_it_again(
    account: Account,
) -> None:
    functions = Functions(account)  # with their role
    client: Any = boto3.client(
        "lambda",
        endpoint_url=account.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 2}),
    )
    lost = LostAnswer(client)
    created = client.create_function(**FUNCTION)
    assert lost.attempts == 2
    assert created["ResponseMetadata"]["RetryAttempts"] == 1
    stored = functions.client.get_function(FunctionName=FUNCTION["FunctionName"])["Configuration"]
    assert created["CodeSha256"] == stored["CodeSha256"]
    assert created["FunctionArn"] == stored["FunctionArn"]

    # Another request for the same function is refused, as on AWS.
    with pytest.raises(ClientError) as refused:
        client.create_function(**FUNCTION)
    assert refused.value.response["Error"]["Code"] == "ResourceConflictException"
