"""State machines on the local AWS: what the workflow builds upon."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from accounts import Account, local
from deployed_functions import Functions
from machines import ROLE, Machines, machine


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with local(tmp_path_factory.mktemp("aws")) as account:
        yield account


FAILING = """
    class LowConfidence(Exception):
        pass

    def handler(event, context):
        if event.get("doubtful"):
            raise LowConfidence("Nobody knows")
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
def function(ours: Account) -> str:
    return Functions(ours).deploy(FAILING)


def test_a_result_is_selected_and_put_where_the_state_says(ours: Account, function: str) -> None:
    execution = Machines(ours).run(machine(Call=invoke(function)), {"given": 1})
    answer = {"given": 1, "size": "x"}
    assert json.loads(execution["output"]) == {
        "given": 1,
        "result": {"answer": answer, "status": 200},
    }


def test_a_named_error_is_caught_and_handed_on(ours: Account, function: str) -> None:
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
    execution = Machines(ours).run(definition, {"doubtful": True})
    assert (execution["status"], execution["error"], execution["cause"]) == (
        "FAILED",
        "LowConfidence",
        '"Nobody knows"',
    )


def test_a_fail_state_hands_on_error_and_cause_by_their_paths(ours: Account, function: str) -> None:
    definition = machine(
        Call=invoke(
            function,
            Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Failed"}],
        )
        | {"Next": "Done"},
        Done={"Type": "Succeed"},
        Failed={"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"},
    )
    execution = Machines(ours).run(definition, {"doubtful": True})
    assert execution["error"] == "LowConfidence"
    assert json.loads(execution["cause"])["errorMessage"] == "Nobody knows"


def test_a_failing_task_is_tried_again_with_jitter(ours: Account, function: str) -> None:
    again = {
        "IntervalSeconds": 1,
        "MaxDelaySeconds": 2,
        "BackoffRate": 2,
        "MaxAttempts": 2,
        "JitterStrategy": "FULL",
    }
    retry = [{"ErrorEquals": ["States.TaskFailed"], **again}]
    machines = Machines(ours)
    execution = machines.run(machine(Call=invoke(function, Retry=retry)), {"doubtful": True})
    events = machines.states.get_execution_history(executionArn=execution["executionArn"])["events"]
    assert [event["type"] for event in events].count("TaskFailed") == 3
    assert execution["error"] == "LowConfidence"


def test_a_result_above_the_limit_fails_the_state(ours: Account, function: str) -> None:
    execution = Machines(ours).run(machine(Call=invoke(function)), {"bytes": 300_000})
    assert execution["error"] == "States.DataLimitExceeded"


def test_a_missing_function_is_an_error_that_can_be_caught(ours: Account) -> None:
    assert (
        Machines(ours).run(machine(Call=invoke("none")))["error"]
        == "Lambda.ResourceNotFoundException"
    )


def test_a_machine_out_of_time_ends(ours: Account) -> None:
    execution = Machines(ours).run(
        {**machine(Wait={"Type": "Wait", "Seconds": 30}), "TimeoutSeconds": 1}
    )
    assert execution["status"] == "TIMED_OUT"
    assert execution["stopDate"] > execution["startDate"]


def test_a_state_sends_an_event_that_a_rule_leads_to_a_queue_and_to_another_machine(
    ours: Account,
) -> None:
    machines, events, sqs = Machines(ours), ours.client("events"), ours.client("sqs")
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
    told = machines.make(machine(Pass={"Type": "Pass"}))
    template = {
        "InputPathsMap": {"who": "$.detail.label"},
        "InputTemplate": '{"vehicle": "a <who>", "again": <who>}',
    }
    events.put_targets(
        Rule="bicycle",
        EventBusName="drivers",
        Targets=[
            {"Id": "queue", "Arn": "arn:aws:sqs:us-east-1:123456789012:bicycle"},
            {"Id": "machine", "Arn": told, "RoleArn": ROLE, "InputTransformer": template},
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
    [execution] = machines.states.list_executions(stateMachineArn=told)["executions"]
    assert json.loads(machines.ended(execution["executionArn"])["output"]) == {
        "vehicle": "a bicycle",
        "again": "bicycle",
    }


def test_a_state_sends_a_message_to_a_queue(ours: Account) -> None:
    sqs = ours.client("sqs")
    url = sqs.create_queue(QueueName="review")["QueueUrl"]
    parameters = {"QueueUrl": url, "MessageBody.$": "$"}
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": parameters,
        "ResultPath": None,
    }
    execution = Machines(ours).run(machine(Ask=ask), {"s3_key": "a.png"})
    assert json.loads(execution["output"]) == {"s3_key": "a.png"}
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"s3_key": "a.png"}
