import json
import time
from typing import Any

import boto3
import pytest
from eventually import eventually

from scones.errors import UserError
from scones.waits import Wait
from scones.workflow import executions

ANSWER = {
    "s3_bucket.$": "$.s3_bucket",
    "s3_key.$": "$.s3_key",
    "inferences": [0.02, 0.98],
    "label": "motorcycle",
    "confidence": 0.98,
}
SUCCEEDS = {"Type": "Pass", "Parameters": ANSWER, "End": True}
LOW_CONFIDENCE = {
    "inferences": [0.6, 0.4],
    "label": "bicycle",
    "confidence": 0.6,
    "message": "Below the threshold.",
}
ENDS_UNSURE = {"Type": "Fail", "Error": "LowConfidence", "Cause": json.dumps(LOW_CONFIDENCE)}
FAILS = {
    "Type": "Fail",
    "Error": "EmptyImage",
    "Cause": json.dumps({"errorMessage": "The image is empty."}),
}
SLEEPS = {"Type": "Wait", "Seconds": 30, "End": True}


@pytest.fixture
def states(aws: boto3.session.Session) -> Any:
    return aws.client("stepfunctions")


def machine(states: Any, only: dict[str, Any]) -> str:
    definition = json.dumps({"StartAt": "Only", "States": {"Only": only}})
    role = "arn:aws:iam::123456789012:role/any"
    return states.create_state_machine(
        name="scones-test-classify", definition=definition, roleArn=role
    )["stateMachineArn"]


def test_an_accepted_image_has_label_confidence_and_time(states: Any) -> None:
    outcome = executions.classify(
        states, machine(states, SUCCEEDS), "bucket", "uploads/ein Rad.png"
    )
    assert (outcome.status, outcome.label, outcome.confidence) == ("accepted", "motorcycle", 0.98)
    assert outcome.inferences == (0.02, 0.98)
    assert 0 <= outcome.milliseconds < 10_000


def test_the_named_image_is_the_one_that_the_execution_gets(states: Any) -> None:
    outcome = executions.classify(
        states, machine(states, SUCCEEDS), "bucket", "uploads/Fahrräder & mehr.png"
    )
    described = states.describe_execution(executionArn=outcome.execution_arn)
    assert json.loads(described["input"]) == {
        "s3_bucket": "bucket",
        "s3_key": "uploads/Fahrräder & mehr.png",
    }


def test_an_unsure_image_still_has_its_label(states: Any) -> None:
    outcome = executions.classify(states, machine(states, ENDS_UNSURE), "bucket", "key")
    assert (outcome.status, outcome.label, outcome.confidence) == ("unsure", "bicycle", 0.6)
    assert (outcome.error, outcome.cause) == ("LowConfidence", "Below the threshold.")


def test_a_failed_image_has_the_exceptions_name_and_a_readable_cause(states: Any) -> None:
    outcome = executions.classify(states, machine(states, FAILS), "bucket", "key")
    assert (outcome.status, outcome.error, outcome.cause) == (
        "failed",
        "EmptyImage",
        "The image is empty.",
    )


def test_an_execution_that_does_not_end_is_reported_as_still_running(states: Any) -> None:
    started = time.monotonic()
    outcome = executions.classify(
        states, machine(states, SLEEPS), "bucket", "key", patience=Wait(0.2, 0.05, 0.05)
    )
    assert time.monotonic() - started < 5
    assert (outcome.status, outcome.error) == ("failed", "StillRunning")
    assert (
        outcome.cause == "The execution has not ended after 0.2 seconds and may still be running."
    )


def test_a_deleted_state_machine_is_a_sentence(states: Any) -> None:
    with pytest.raises(UserError, match="does not exist"):
        executions.classify(states, machine(states, SUCCEEDS) + "-gone", "bucket", "key")


def test_only_running_executions_are_listed(states: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "PAGE", 2)
    sleeping = machine(states, SLEEPS)
    started = {executions.start(states, sleeping, "bucket", f"{n}.png") for n in range(5)}
    assert executions.list_running(states, sleeping) == started
    stopped = started.pop()
    states.stop_execution(executionArn=stopped)
    eventually(lambda: executions.list_running(states, sleeping) == started)


def test_a_deleted_execution_is_not_running_and_has_no_description(states: Any) -> None:
    arn = machine(states, SUCCEEDS)
    assert executions.list_running(states, f"{arn}-gone") == set()
    assert (
        executions.describe(states, f"{arn.replace(':stateMachine:', ':execution:')}:gone") is None
    )
