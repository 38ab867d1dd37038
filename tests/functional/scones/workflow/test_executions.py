import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from eventually import eventually
from moto import mock_aws

from scones.errors import UserError
from scones.workflow import executions

CLASSES = ("bicycle", "motorcycle")
ANSWER = {
    "s3_bucket.$": "$.s3_bucket",
    "s3_key.$": "$.s3_key",
    "inferences": [0.02, 0.98],
    "label": "motorcycle",
    "confidence": 0.98,
}
ACCEPTS = {"Type": "Pass", "Parameters": ANSWER, "End": True}
DOUBT = {
    "inferences": [0.6, 0.4],
    "label": "bicycle",
    "confidence": 0.6,
    "message": "Below the threshold.",
}
DOUBTS = {"Type": "Fail", "Error": "LowConfidence", "Cause": json.dumps(DOUBT)}
BREAKS = {
    "Type": "Fail",
    "Error": "EmptyImage",
    "Cause": json.dumps({"errorMessage": "The picture is empty."}),
}
SLEEPS = {"Type": "Wait", "Seconds": 30, "End": True}


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield boto3.client("stepfunctions", "us-east-1")


def machine(states: Any, only: dict[str, Any]) -> str:
    definition = json.dumps({"StartAt": "Only", "States": {"Only": only}})
    role = "arn:aws:iam::123456789012:role/any"
    return states.create_state_machine(
        name="scones-test-classify", definition=definition, roleArn=role
    )["stateMachineArn"]


def test_an_accepted_picture_has_label_confidence_and_time(states: Any) -> None:
    outcome = executions.classify(
        states, machine(states, ACCEPTS), "bucket", "uploads/ein Rad.png", CLASSES
    )
    assert (outcome.status, outcome.label, outcome.confidence) == ("accepted", "motorcycle", 0.98)
    assert outcome.inferences == (0.02, 0.98)
    assert 0 <= outcome.milliseconds < 10_000


def test_the_picture_named_is_the_picture_that_the_execution_gets(states: Any) -> None:
    outcome = executions.classify(
        states, machine(states, ACCEPTS), "bucket", "uploads/Fahrräder & mehr.png", CLASSES
    )
    described = states.describe_execution(executionArn=outcome.execution_arn)
    assert json.loads(described["input"]) == {
        "s3_bucket": "bucket",
        "s3_key": "uploads/Fahrräder & mehr.png",
    }


def test_an_unsure_picture_still_has_its_label(states: Any) -> None:
    outcome = executions.classify(states, machine(states, DOUBTS), "bucket", "key", CLASSES)
    assert (outcome.status, outcome.label, outcome.confidence) == ("unsure", "bicycle", 0.6)
    assert (outcome.error, outcome.cause) == ("LowConfidence", "Below the threshold.")


def test_a_failed_picture_has_the_exceptions_name_and_a_readable_cause(states: Any) -> None:
    outcome = executions.classify(states, machine(states, BREAKS), "bucket", "key", CLASSES)
    assert (outcome.status, outcome.error, outcome.cause) == (
        "failed",
        "EmptyImage",
        "The picture is empty.",
    )


def test_an_execution_that_does_not_end_is_given_up_with_a_sentence(states: Any) -> None:
    started = time.monotonic()
    outcome = executions.classify(
        states, machine(states, SLEEPS), "bucket", "key", CLASSES, patience=0.2
    )
    assert time.monotonic() - started < 5
    assert (outcome.status, outcome.error) == ("failed", "StillRunning")
    assert (
        outcome.cause == "The execution has not ended after 0.2 seconds and may still be running."
    )


def test_a_state_machine_that_is_gone_is_a_sentence(states: Any) -> None:
    with pytest.raises(UserError, match="does not exist"):
        executions.classify(states, machine(states, ACCEPTS) + "-gone", "bucket", "key", CLASSES)


def test_those_that_run_are_told_from_those_that_ended(
    states: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executions, "PAGE", 2)
    sleeping = machine(states, SLEEPS)
    begun = {executions.start(states, sleeping, "bucket", f"{n}.png") for n in range(5)}
    assert executions.running(states, sleeping) == begun
    stopped = begun.pop()
    states.stop_execution(executionArn=stopped)
    eventually(lambda: executions.running(states, sleeping) == begun)


def test_what_is_gone_runs_no_more_and_has_no_description(states: Any) -> None:
    arn = machine(states, ACCEPTS)
    assert executions.running(states, f"{arn}-gone") == set()
    assert (
        executions.describe(states, f"{arn.replace(':stateMachine:', ':execution:')}:gone") is None
    )
