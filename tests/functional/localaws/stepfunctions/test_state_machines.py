"""State machines on the local AWS: what the workflow is built on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from accounts import Account
from deployed_functions import Functions
from machines import ROLE, Machines, machine

FAILING = """
    class LowConfidence(Exception):
        pass

    def handler(event, context):
        if event.get("unsure"):
            raise LowConfidence("No class is likely")
        return {**event, "size": "x" * event.get("bytes", 1)}
"""


def invoke(function: str, **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload.$": "$"},
        "ResultSelector": {"answer.$": "$.Payload", "status.$": "$.StatusCode"},
        "ResultPath": "$.result",
        **more,
    }


@pytest.fixture(scope="module")
def function(account: Account) -> str:
    return Functions(account).deploy(FAILING)


def test_a_result_is_selected_and_written_to_the_result_path(
    account: Account, function: str
) -> None:
    execution = Machines(account).run(machine(Call=invoke(function)), {"given": 1})
    answer = {"given": 1, "size": "x"}
    assert json.loads(execution["output"]) == {
        "given": 1,
        "result": {"answer": answer, "status": 200},
    }


def test_a_named_error_is_caught_and_passed_on(account: Account, function: str) -> None:
    task = invoke(
        function,
        Catch=[{"ErrorEquals": ["LowConfidence"], "ResultPath": "$.failure", "Next": "Unsure"}],
    )
    definition = machine(
        Call=task | {"Next": "Done"},
        Done={"Type": "Succeed"},
        Unsure={"Type": "Pass", "Parameters": {"cause.$": "States.StringToJson($.failure.Cause)"}},
        Failed={
            "Type": "Fail",
            "Error": "LowConfidence",
            "CausePath": "States.JsonToString($.cause.errorMessage)",
        },
    )
    execution = Machines(account).run(definition, {"unsure": True})
    assert (execution["status"], execution["error"], execution["cause"]) == (
        "FAILED",
        "LowConfidence",
        '"No class is likely"',
    )


def test_a_fail_state_reads_error_and_cause_from_their_paths(
    account: Account, function: str
) -> None:
    definition = machine(
        Call=invoke(
            function,
            Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Failed"}],
        )
        | {"Next": "Done"},
        Done={"Type": "Succeed"},
        Failed={"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"},
    )
    execution = Machines(account).run(definition, {"unsure": True})
    assert execution["error"] == "LowConfidence"
    assert json.loads(execution["cause"])["errorMessage"] == "No class is likely"


def test_a_failing_task_is_retried_with_jitter(account: Account, function: str) -> None:
    again = {
        "IntervalSeconds": 1,
        "MaxDelaySeconds": 2,
        "BackoffRate": 2,
        "MaxAttempts": 2,
        "JitterStrategy": "FULL",
    }
    retry = [{"ErrorEquals": ["States.TaskFailed"], **again}]
    machines = Machines(account)
    execution = machines.run(machine(Call=invoke(function, Retry=retry)), {"unsure": True})
    events = machines.states.get_execution_history(executionArn=execution["executionArn"])["events"]
    assert [event["type"] for event in events].count("TaskFailed") == 3
    assert execution["error"] == "LowConfidence"


def test_a_result_above_the_limit_fails_the_state(account: Account, function: str) -> None:
    execution = Machines(account).run(machine(Call=invoke(function)), {"bytes": 300_000})
    assert execution["error"] == "States.DataLimitExceeded"


def test_a_missing_function_is_an_error_that_can_be_caught(account: Account) -> None:
    assert (
        Machines(account).run(machine(Call=invoke("none")))["error"]
        == "Lambda.ResourceNotFoundException"
    )


def test_a_machine_ends_at_its_timeout(account: Account) -> None:
    execution = Machines(account).run(
        {**machine(Wait={"Type": "Wait", "Seconds": 30}), "TimeoutSeconds": 1}
    )
    assert execution["status"] == "TIMED_OUT"
    assert execution["stopDate"] > execution["startDate"]


def test_a_state_sends_an_event_that_a_rule_delivers_to_a_queue_and_another_machine(
    account: Account,
) -> None:
    machines, events, sqs = Machines(account), account.client("events"), account.client("sqs")
    events.create_event_bus(Name="drivers")
    pattern = {"source": ["test"], "detail": {"label": ["bicycle"]}}
    rule = events.put_rule(
        Name="bicycle", EventBusName="drivers", EventPattern=json.dumps(pattern)
    )["RuleArn"]
    permission = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    queue = sqs.create_queue(
        QueueName="bicycle", Attributes={"Policy": json.dumps({"Statement": [permission]})}
    )
    target = machines.make(machine(Pass={"Type": "Pass"}))
    template = {
        "InputPathsMap": {"who": "$.detail.label"},
        "InputTemplate": '{"vehicle": "a <who>", "again": <who>}',
    }
    events.put_targets(
        Rule="bicycle",
        EventBusName="drivers",
        Targets=[
            {"Id": "queue", "Arn": "arn:aws:sqs:us-east-1:123456789012:bicycle"},
            {"Id": "machine", "Arn": target, "RoleArn": ROLE, "InputTransformer": template},
        ],
    )
    entry = {
        "EventBusName": "drivers",
        "Source": "test",
        "DetailType": "Test",
        "Detail": {"label.$": "$.label"},
    }
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::events:putEvents",
        "Parameters": {"Entries": [entry]},
    }
    for label in ("bicycle", "motorcycle"):
        assert machines.run(machine(Send=send), {"label": label})["status"] == "SUCCEEDED"

    [message] = sqs.receive_message(QueueUrl=queue["QueueUrl"], MaxNumberOfMessages=10)["Messages"]
    event = json.loads(message["Body"])
    assert event["detail"] == {"label": "bicycle"}
    assert [arn.split(":")[5] for arn in event["resources"]] == ["stateMachine", "execution"]
    [execution] = machines.states.list_executions(stateMachineArn=target)["executions"]
    assert json.loads(machines.wait_for_end(execution["executionArn"])["output"]) == {
        "vehicle": "a bicycle",
        "again": "bicycle",
    }


def test_a_state_sends_a_message_to_a_queue(account: Account) -> None:
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="review")["QueueUrl"]
    parameters = {"QueueUrl": url, "MessageBody.$": "$"}
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": parameters,
        "ResultPath": None,
    }
    execution = Machines(account).run(machine(Ask=ask), {"s3_key": "a.png"})
    assert json.loads(execution["output"]) == {"s3_key": "a.png"}
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"s3_key": "a.png"}
