"""The train verb on a local AWS that its tests share; each test has its own jobs and endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trainers

from scones import aws, settings
from scones.commands.train import Trainer
from scones.outputs import Outputs
from scones.settings import Target


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[aws.Account]:
    with trainers.account(tmp_path_factory.mktemp("state")) as account:
        yield account


@pytest.fixture(scope="session")
def outputs(account: aws.Account) -> Outputs:
    return trainers.outputs(account)


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    return Target("local", "us-east-1")


@pytest.fixture
def trainer(
    target: Target,
    account: aws.Account,
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
