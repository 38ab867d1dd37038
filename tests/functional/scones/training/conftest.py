"""Accounts: the data bucket in an empty one, and a local AWS shared by the train verb's tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
import trainers
from paths import EXAMPLE_OUTPUTS

from scones import settings
from scones.aws import Account
from scones.commands.train import Trainer
from scones.outputs import Outputs
from scones.settings import Target


@pytest.fixture
def s3(aws: boto3.session.Session) -> Any:
    """S3 with the empty data bucket of the example outputs."""
    client = aws.client("s3")
    client.create_bucket(Bucket=json.loads(EXAMPLE_OUTPUTS.read_text())["data_bucket"])
    return client


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with trainers.account(tmp_path_factory.mktemp("state")) as account:
        yield account


@pytest.fixture(scope="session")
def outputs(account: Account) -> Outputs:
    return trainers.outputs(account)


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    return Target("local", "us-east-1")


@pytest.fixture
def trainer(
    target: Target,
    account: Account,
    outputs: Outputs,
    request: pytest.FixtureRequest,
) -> Iterator[Trainer]:
    """A trainer whose jobs and endpoint are its own; the endpoint ends with the test."""
    endpoint = f"scones-local-{request.node.name.replace('_', '-')}"[:60].rstrip("-")
    own_outputs = replace(outputs, endpoint=replace(outputs.endpoint, name=endpoint))
    yield trainers.trainer(target, account, own_outputs, request.node.name)
    sagemaker = account.client("sagemaker")
    endpoints = sagemaker.list_endpoints()["Endpoints"]
    if endpoint in {entry["EndpointName"] for entry in endpoints}:
        sagemaker.delete_endpoint(EndpointName=endpoint)
