"""Starts and ends of executions on the local AWS, as events on the default event bus."""

from __future__ import annotations

import json
from typing import Any

import pytest
from accounts import Account
from event_listener import ACCOUNT, Listener
from eventually import eventually
from machines import Machines, machine

FAILING = machine(Fail={"Type": "Fail", "Error": "Odd", "Cause": "It was odd."})
PASSING = machine(Pass={"Type": "Pass", "Result": {"routed": True}})


def listen(account: Account, machine_arn: str, **detail: Any) -> Listener:
    return Listener(account, "aws.states", stateMachineArn=[machine_arn], **detail)


@pytest.fixture
def machines(account: Account) -> Machines:
    return Machines(account)


def run(machines: Machines, arn: str, event: Any = None) -> dict[str, Any]:
    started = machines.states.start_execution(stateMachineArn=arn, input=json.dumps(event or {}))
    return machines.wait_for_end(started["executionArn"])


def test_a_rule_receives_the_start_and_the_end(account: Account, machines: Machines) -> None:
    arn = machines.make(PASSING)
    listener = listen(account, arn)
    listener.to_queue()
    execution = run(machines, arn, {"s3_key": "bike.png"})
    start, end = eventually(listener.receive), eventually(listener.receive)
    assert [start["source"], start["detail-type"]] == [
        "aws.states",
        "Step Functions Execution Status Change",
    ]
    assert start["resources"] == [execution["executionArn"]]
    assert [start["detail"]["status"], end["detail"]["status"]] == ["RUNNING", "SUCCEEDED"]
    assert start["detail"]["stopDate"] is None
    detail = end["detail"]
    assert (detail["executionArn"], detail["stateMachineArn"]) == (execution["executionArn"], arn)
    assert detail["name"] == execution["name"]
    assert json.loads(detail["input"]) == {"s3_key": "bike.png"}
    assert json.loads(detail["output"]) == {"routed": True}
    assert detail["inputDetails"] == detail["outputDetails"] == {"included": True}
    assert detail["stopDate"] >= detail["startDate"] > 1.6e12


def test_a_rule_can_receive_failures_only(account: Account, machines: Machines) -> None:
    arn = machines.make(FAILING)
    listener = listen(account, arn, status=["FAILED", "TIMED_OUT", "ABORTED"])
    listener.to_queue()
    run(machines, arn)
    detail = eventually(listener.receive)["detail"]
    assert (detail["status"], detail["error"], detail["cause"]) == ("FAILED", "Odd", "It was odd.")
    assert detail["output"] is None
    assert listener.receive() is None


def test_a_rule_can_exclude_an_error(account: Account, machines: Machines) -> None:
    arn = machines.make(FAILING)
    excluding = listen(account, arn, status=["FAILED"], error=[{"anything-but": ["Odd"]}])
    matching = listen(account, arn, status=["FAILED"], error=[{"anything-but": ["LowConfidence"]}])
    for listener in (excluding, matching):
        listener.to_queue()
    run(machines, arn)
    assert eventually(matching.receive)
    assert excluding.receive() is None


def test_a_topic_is_notified_when_its_policy_allows_the_rule(
    account: Account, machines: Machines
) -> None:
    arn = machines.make(FAILING)
    allowed, denied = (listen(account, arn, status=["FAILED"]) for _ in range(2))
    denied.to_topic(allow=False)
    allowed.to_topic(allow=True)
    execution = run(machines, arn)
    assert json.loads(eventually(allowed.receive)["Message"]) == f"{execution['name']} failed"
    assert denied.receive() is None


def test_a_stopped_execution_is_reported_with_its_cause(
    account: Account, machines: Machines
) -> None:
    arn = machines.make(machine(Wait={"Type": "Wait", "Seconds": 30}))
    listener = listen(account, arn, status=["ABORTED"])
    listener.to_queue()
    execution = machines.states.start_execution(stateMachineArn=arn)["executionArn"]
    machines.states.stop_execution(executionArn=execution, error="Enough", cause="of this")
    detail = eventually(listener.receive)["detail"]
    assert (detail["error"], detail["cause"]) == ("Enough", "of this")


def test_express_executions_send_nothing(account: Account, machines: Machines) -> None:
    arn = machines.make(PASSING, type="EXPRESS")
    listener = listen(account, arn)
    listener.to_queue()
    machines.states.start_execution(stateMachineArn=arn)
    other = machines.make(PASSING)
    standard = listen(account, other)
    standard.to_queue()
    run(machines, other)
    assert eventually(standard.receive)
    assert listener.receive() is None


def test_a_schedule_receives_no_events(account: Account, machines: Machines) -> None:
    arn = machines.make(PASSING)
    listener = listen(account, arn)
    listener.events.put_rule(Name=f"{listener.name}-hourly", ScheduleExpression="rate(1 hour)")
    target = {"Id": "1", "Arn": f"arn:aws:sqs:{ACCOUNT}:{listener.name}"}
    listener.events.put_targets(Rule=f"{listener.name}-hourly", Targets=[target])
    run(machines, arn)
    listener.events.put_events(Entries=[{"Source": "test", "DetailType": "Test", "Detail": "{}"}])
    assert listener.receive() is None
