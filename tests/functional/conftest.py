"""What the functional tests share: an AWS account in the process of the test."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

REGION = "us-east-1"
RUN_STATE_MACHINES = {"stepfunctions": {"execute_state_machine": True}}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.session.Session]:
    """An empty account that moto keeps in this process. The session makes its clients."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws(config=RUN_STATE_MACHINES):
        yield boto3.session.Session(region_name=REGION)
