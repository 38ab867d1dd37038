"""Reading outputs changes nothing and runs nothing."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from example_model import MODEL
from paths import EXAMPLE_OUTPUTS

from scones import handover
from scones.aws import Account
from scones.errors import UserError
from scones.provisioning import packaging, stack
from scones.provisioning.planned_model import choose_model
from scones.provisioning.stack import Stack
from scones.provisioning.terraform import Terraform
from scones.settings import Target

STATE_BUCKET = "scones-dev-state-123456789012"
OUTPUTS = json.loads(EXAMPLE_OUTPUTS.read_text())
MODEL_OUTPUT = json.loads(handover.as_json(MODEL))["model"]


@pytest.fixture
def account(aws: boto3.session.Session) -> Account:
    return Account("123456789012", aws)


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Target:
    monkeypatch.setattr("scones.settings.ROOT", tmp_path)
    monkeypatch.setattr("scones.provisioning.planned_model.ROOT", tmp_path)
    return Target("dev", "us-east-1")


def put_state(account: Account, outputs: dict[str, Any]) -> None:
    """Put a state as Terraform writes it, without the outputs that are null."""
    described = {
        name: {"value": value, "type": "dynamic"}
        for name, value in outputs.items()
        if value is not None
    }
    state = {"version": 4, "serial": 7, "outputs": described, "resources": []}
    s3 = account.client("s3")
    s3.create_bucket(Bucket=STATE_BUCKET)
    s3.put_object(Bucket=STATE_BUCKET, Key="terraform.tfstate", Body=json.dumps(state))


def test_reading_outputs_neither_packages_nor_plans_nor_unlocks(
    account: Account, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("reading outputs changes nothing")

    monkeypatch.setattr(packaging, "package_all", refuse)
    monkeypatch.setattr(stack.StateBucket, "ensure", refuse)
    for method in ("init", "plan", "apply", "show_json", "force_unlock"):
        monkeypatch.setattr(Terraform, method, refuse)
    put_state(account, OUTPUTS)
    lock = b'{"ID": "7", "Created": "2026-01-01T00:00:00Z", "Operation": "OperationTypeApply"}'
    s3 = account.client("s3")
    s3.put_object(Bucket=STATE_BUCKET, Key="terraform.tfstate.tflock", Body=lock)
    (target.build / "terraform.running").write_text("1.0")
    outputs = Stack(target, account).outputs()
    assert outputs is not None
    assert outputs.data_bucket == OUTPUTS["data_bucket"]
    assert outputs.model is None
    s3.head_object(Bucket=STATE_BUCKET, Key="terraform.tfstate.tflock")


def test_nothing_is_provisioned_without_a_state(account: Account, target: Target) -> None:
    assert Stack(target, account).outputs() is None
    assert Stack(target, account).live_model() is None


def test_incomplete_outputs_are_those_of_an_interrupted_apply(
    account: Account, target: Target
) -> None:
    put_state(account, {"data_bucket": OUTPUTS["data_bucket"]})
    assert Stack(target, account).outputs() is None


def test_the_live_model_is_the_one_that_training_handed_over(
    account: Account, target: Target
) -> None:
    put_state(account, {**OUTPUTS, "model": MODEL_OUTPUT})
    outputs = Stack(target, account).outputs()
    assert outputs is not None
    assert outputs.model == MODEL
    assert Stack(target, account).live_model() == MODEL


def test_a_missing_hand_over_is_written_from_the_live_model(
    account: Account, target: Target
) -> None:
    put_state(account, {**OUTPUTS, "model": MODEL_OUTPUT})
    assert choose_model(Stack(target, account)) == MODEL
    assert handover.read(target.handover) == MODEL


@pytest.mark.parametrize("content", ["{}", "not JSON", '{"model": {"name": "a"}}'])
def test_a_file_that_is_not_a_hand_over_is_refused(
    account: Account, target: Target, content: str
) -> None:
    target.handover.write_text(content)
    with pytest.raises(UserError, match=r"is not a hand-over\. Run \"make train TARGET=dev\""):
        choose_model(Stack(target, account))


def test_a_hand_over_of_a_former_account_is_set_aside(account: Account, target: Target) -> None:
    handover.write(target.handover, dataclasses.replace(MODEL, data_url="s3://gone/model.tar.gz"))
    assert choose_model(Stack(target, account)) is None
    assert not target.handover.exists()
    assert (target.build / "former-model.tfvars.json").exists()


def test_the_artifact_of_a_live_model_must_exist(account: Account, target: Target) -> None:
    put_state(account, {**OUTPUTS, "model": MODEL_OUTPUT})
    handover.write(target.handover, dataclasses.replace(MODEL, data_url="s3://gone/model.tar.gz"))
    with pytest.raises(UserError, match="is gone"):
        choose_model(Stack(target, account))
