"""What apply says when the endpoint does not do what was planned."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from example_model import MODEL
from paths import EXAMPLE_OUTPUTS

from scones import handover
from scones.aws import Account
from scones.commands import apply
from scones.errors import UserError
from scones.provisioning.proof import NoAnswer
from scones.provisioning.stack import Stack
from scones.settings import Target

RAW = json.loads(EXAMPLE_OUTPUTS.read_text())
ENDPOINT, GROUP = RAW["endpoint"]["name"], RAW["endpoint"]["log_group"]
ROLE = "arn:aws:iam::123456789012:role/any"
FAILED = UserError("terraform apply failed, for the reason above.")
NOW = datetime.now(UTC)


def stack(session: boto3.session.Session, served: str, planned: str) -> Stack:
    """A target that serves one model and has planned another one, or the same."""
    account = Account("123456789012", session)
    model = json.loads(handover.as_json(replace(MODEL, name=planned)))["model"]
    endpoint = {**RAW["endpoint"], "config_name": f"{planned}-0a1b2c"}
    outputs = {**RAW, "model": model, "endpoint": endpoint}
    described = {name: {"value": value} for name, value in outputs.items() if value is not None}
    s3, sagemaker = account.client("s3"), account.client("sagemaker")
    s3.create_bucket(Bucket="scones-local-state-123456789012")
    state = json.dumps({"version": 4, "serial": 7, "outputs": described, "resources": []})
    s3.put_object(
        Bucket="scones-local-state-123456789012", Key="terraform.tfstate", Body=state.encode()
    )
    container = {"Image": "any", "ModelDataUrl": "s3://any/model.tar.gz"}
    sagemaker.create_model(ModelName=served, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    variant = {"VariantName": "AllTraffic", "ModelName": served, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName=f"{served}-0a1b2c",
        ProductionVariants=[{**variant, "InitialInstanceCount": 1}],
    )
    sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=f"{served}-0a1b2c")
    return Stack(Target("local", "us-east-1"), account)


def write_log(stack: Stack, line: str) -> None:
    logs = stack.account.client("logs")
    stream = {"logGroupName": GROUP, "logStreamName": "AllTraffic/i-0"}
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(**stream)
    event = {"timestamp": round(time.time() * 1000), "message": line}
    logs.put_log_events(**stream, logEvents=[event])


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("scones.settings.ROOT", tmp_path)


def test_an_endpoint_that_does_not_answer_is_explained_by_its_log(
    aws: boto3.session.Session,
) -> None:
    provisioned = stack(aws, "model-1", "model-1")
    write_log(provisioned, "RuntimeError: size mismatch")
    said = apply.explain(NoAnswer("The endpoint does not answer."), provisioned, NOW)
    first, log = said.splitlines()
    assert first.startswith('The endpoint does not answer. "make promote MODEL=name" plans an')
    assert first.endswith(f"The last lines of its log group {GROUP}:")
    assert log == "  RuntimeError: size mismatch"


def test_an_endpoint_that_still_serves_the_former_model_names_it(
    aws: boto3.session.Session,
) -> None:
    provisioned = stack(aws, "model-0", "model-1")
    write_log(provisioned, "RuntimeError: size mismatch")
    said = apply.explain(FAILED, provisioned, NOW)
    assert f"{FAILED} The endpoint {ENDPOINT} still serves model-0-0a1b2c: " in said
    assert '"make promote MODEL=model-0" plans the model again that is served now' in said
    assert said.endswith("  RuntimeError: size mismatch")


@pytest.mark.parametrize(
    ("served", "begun"),
    [("model-1", NOW), ("model-0", NOW + timedelta(hours=1))],
    ids=["it serves what was planned", "nobody changed it"],
)
def test_an_error_elsewhere_is_not_blamed_on_the_endpoint(
    aws: boto3.session.Session, served: str, begun: datetime
) -> None:
    assert apply.explain(FAILED, stack(aws, served, "model-1"), begun) == str(FAILED)


def test_an_error_before_there_is_anything_stands_for_itself(aws: boto3.session.Session) -> None:
    empty = Stack(Target("local", "us-east-1"), Account("123456789012", aws))
    assert apply.explain(FAILED, empty, NOW) == str(FAILED)
