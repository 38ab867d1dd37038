"""RedriveExecution, as AWS's developer guide describes it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from accounts import Account
from botocore.exceptions import ClientError
from eventually import eventually
from machines import ROLE, Machines, machine, task


@pytest.fixture(scope="module")
def machines(account: Account) -> Machines:
    return Machines(account)


def redrive(machines: Machines, arn: str) -> dict[str, Any]:
    machines.states.redrive_execution(executionArn=arn)
    return machines.wait_for_end(arn)


def types(machines: Machines, arn: str) -> list[str]:
    return [event["type"] for event in machines.events(arn)]


def test_an_execution_goes_on_at_the_state_that_failed(machines: Machines) -> None:
    echo = machine(Echo={"Type": "Pass"})
    child = machines.make(echo)
    machines.states.delete_state_machine(stateMachineArn=child)
    definition = machine(
        Prepare={"Type": "Pass", "Result": "prepared", "ResultPath": "$.before"},
        Start=task("states:startExecution", {"StateMachineArn": child}),
    )
    failed = machines.run(definition)
    arn = failed["executionArn"]
    assert (failed["status"], failed["redriveStatus"]) == ("FAILED", "REDRIVABLE")
    before = types(machines, arn)
    name = child.rpartition(":")[2]
    machines.states.create_state_machine(name=name, definition=json.dumps(echo), roleArn=ROLE)
    redriven = redrive(machines, arn)
    assert (redriven["status"], redriven["redriveCount"]) == ("SUCCEEDED", 1)
    assert "error" not in redriven
    assert types(machines, arn) == [
        *before,
        "ExecutionRedriven",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]


def test_it_may_fail_and_be_redriven_again(machines: Machines) -> None:
    failed = machines.run(machine(Fail={"Type": "Fail", "Error": "Any"}))
    arn = failed["executionArn"]
    assert redrive(machines, arn)["status"] == "FAILED"
    assert redrive(machines, arn)["redriveCount"] == 2
    assert types(machines, arn).count("ExecutionRedriven") == 2


def test_an_execution_that_succeeded_cannot_be_redriven(machines: Machines) -> None:
    arn = machines.run(machine(Echo={"Type": "Pass"}))["executionArn"]
    with pytest.raises(ClientError, match="Execution is SUCCEEDED and cannot be redriven"):
        machines.states.redrive_execution(executionArn=arn)


def test_log_lines_count_the_redrives(account: Account, machines: Machines) -> None:
    logs, group = account.client("logs"), "/aws/vendedlogs/states/redriven"
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*"
    settings = {
        "level": "ALL",
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
    }
    failing = machine(Fail={"Type": "Fail"})
    started = machines.states.start_execution(
        stateMachineArn=machines.make(failing, loggingConfiguration=settings)
    )
    machines.wait_for_end(started["executionArn"])
    redrive(machines, started["executionArn"])

    def lines() -> list[tuple[str, str]]:
        events = logs.filter_log_events(logGroupName=group)["events"]
        found = [json.loads(event["message"]) for event in events]
        return [(line["type"], line["redrive_count"]) for line in found]

    eventually(lambda: len(lines()) == 5)
    assert lines()[2:] == [
        ("ExecutionFailed", "0"),
        ("ExecutionRedriven", "1"),
        ("ExecutionFailed", "1"),
    ]
