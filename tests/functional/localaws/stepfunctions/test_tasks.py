"""Tasks that call other services: what the API reference and the developer guide of AWS say."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from accounts import Account
from deployed_functions import Functions
from machines import Machines, machine, task

ENTERED = ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted"]
LEFT = ["TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"]
FUNCTION = """
    import time

    def handler(event, context):
        if event == "slow":
            time.sleep(1.3)
        if event == "fail":
            raise KeyError("é")
        return event
"""


@pytest.fixture(scope="module")
def machines(account: Account) -> Machines:
    return Machines(account)


@pytest.fixture(scope="module")
def function(account: Account) -> str:
    return Functions(account).deploy(FUNCTION, Timeout=5)


@pytest.fixture(scope="module")
def place(account: Account) -> dict[str, str]:
    """Where an object is."""
    bucket = f"tasks-{uuid.uuid4().hex[:8]}"
    account.client("s3").create_bucket(Bucket=bucket)
    return {"Bucket": bucket, "Key": "any"}


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


@pytest.mark.parametrize(
    ("parameters", "output"),
    [
        ({"Payload": {"a": 1}}, {"ExecutedVersion": "$LATEST", "Payload": {"a": 1}}),
        ({"Payload": "text"}, {"ExecutedVersion": "$LATEST", "Payload": "text"}),
        ({}, {"ExecutedVersion": "$LATEST", "Payload": {}}),
        ({"Qualifier": "$LATEST", "Payload": [1]}, {"ExecutedVersion": "$LATEST", "Payload": [1]}),
        ({"InvocationType": "Event"}, {"ExecutedVersion": "$LATEST", "Payload": ""}),
    ],
)
def test_lambda_invoke_returns_the_payload_as_json(
    machines: Machines, function: str, parameters: dict[str, Any], output: dict[str, Any]
) -> None:
    call = task("lambda:invoke", {"FunctionName": function, **parameters})
    status = 202 if "InvocationType" in parameters else 200
    execution = machines.run(machine(Call=call))
    assert json.loads(execution["output"]) == {**output, "StatusCode": status}
    assert types(machines.events(execution["executionArn"])) == ENTERED + LEFT


@pytest.mark.parametrize("is_direct", [True, False])
def test_a_function_that_outlives_its_task_adds_no_event(
    account: Account, machines: Machines, function: str, is_direct: bool
) -> None:
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{function}"
    call = (
        {"Type": "Task", "Resource": arn}
        if is_direct
        else task("lambda:invoke", {"FunctionName": function, "Payload.$": "$"})
    )
    running = machines.start(machine(Call=call | {"TimeoutSeconds": 1}), "slow")
    assert machines.wait_for_end(running)["error"] == "States.Timeout"
    Functions(account).call(function, "slow")  # ends after the task's call
    assert types(machines.events(running))[-1] == "ExecutionFailed"


@pytest.mark.parametrize(
    ("content", "stored"),
    [({"a": [1, "é"]}, '{"a":[1,"é"]}'), ([1, 2], "[1,2]"), ("text", '"text"'), (5, "5")],
)
def test_an_object_is_stored_as_json_and_read_as_text(
    machines: Machines, place: dict[str, str], content: Any, stored: str
) -> None:
    put = task("aws-sdk:s3:putObject", {**place, "Body": content})
    get = task("aws-sdk:s3:getObject", place, ResultSelector={"body.$": "$.Body"})
    execution = machines.run(machine(Put=put, Get=get))
    assert json.loads(execution["output"]) == {"body": stored}


def test_dates_in_the_result_of_an_sdk_call_are_iso_text(
    machines: Machines, place: dict[str, str], account: Account
) -> None:
    account.client("s3").put_object(**place)
    listing = task("aws-sdk:s3:listObjectsV2", {"Bucket": place["Bucket"]})
    (entry,) = json.loads(machines.run(machine(List=listing))["output"])["Contents"]
    assert entry["LastModified"].endswith("Z")


@pytest.mark.parametrize(
    ("detail", "code"),
    [
        ({"any": "object"}, None),
        ('{"any": "object"}', None),
        ('"text"', "MalformedDetail"),
        ("[1]", "MalformedDetail"),
        ("no JSON", "MalformedDetail"),
        ("", "InvalidArgument"),
    ],
)
def test_a_failed_event_fails_its_task(machines: Machines, detail: Any, code: str | None) -> None:
    entry = {"Detail": detail, "DetailType": "any", "Source": "any"}
    execution = machines.run(machine(Put=task("events:putEvents", {"Entries": [entry]})))
    if code is None:
        assert execution["status"] == "SUCCEEDED"
        return
    assert execution["error"] == "EventBridge.FailedEntry"
    cause = json.loads(execution["cause"])
    assert (cause["FailedEntryCount"], cause["Entries"][0]["ErrorCode"]) == (1, code)


def test_a_message_that_is_an_object_is_sent_as_compact_json(
    account: Account, machines: Machines
) -> None:
    sqs = account.client("sqs")
    queue = sqs.create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]
    send = task("sqs:sendMessage", {"QueueUrl": queue, "MessageBody": {"a": ["é"]}})
    output = json.loads(machines.run(machine(Send=send))["output"])
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert message["Body"] == '{"a":["é"]}'
    assert output == {"MD5OfMessageBody": message["MD5OfBody"], "MessageId": message["MessageId"]}


def test_the_context_object_can_be_an_output(machines: Machines) -> None:
    execution = machines.run(machine(Look={"Type": "Pass", "Parameters": {"all.$": "$$"}}))
    context = json.loads(execution["output"])["all"]
    assert context["Execution"]["Id"] == execution["executionArn"]
    assert context["State"]["EnteredTime"].endswith("Z")
