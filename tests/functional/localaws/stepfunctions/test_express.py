"""EXPRESS state machines, as the API reference of AWS describes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from accounts import Account
from botocore.exceptions import ClientError
from machines import Machines, machine, task

FAILING = machine(Fail={"Type": "Fail", "Error": "Any", "Cause": "why"})


@pytest.fixture(scope="module")
def machines(account: Account) -> Machines:
    return Machines(account)


@pytest.fixture(scope="module")
def states(account: Account) -> Any:
    return account.client("stepfunctions", inject_host_prefix=False)


def test_a_failed_execution_is_answered_with_its_error(machines: Machines, states: Any) -> None:
    arn = machines.make(FAILING, type="EXPRESS")
    execution = states.start_sync_execution(stateMachineArn=arn, name="named")
    assert (execution["status"], execution["error"], execution["cause"]) == ("FAILED", "Any", "why")
    assert execution["executionArn"].startswith(arn.replace(":stateMachine:", ":express:"))
    assert execution["billingDetails"]["billedMemoryUsedInMB"] == 64
    with pytest.raises(ClientError, match="InvalidExecutionInput"):
        states.start_sync_execution(stateMachineArn=arn, input="{")


def test_an_express_execution_is_not_kept(machines: Machines) -> None:
    arn = machines.make(FAILING, type="EXPRESS")
    started = machines.states.start_execution(stateMachineArn=arn)
    assert ":express:" in started["executionArn"]
    assert machines.states.list_executions(stateMachineArn=arn)["executions"] == []


def test_another_state_machine_can_wait_for_it(machines: Machines) -> None:
    arn = machines.make(machine(Echo={"Type": "Pass"}), type="EXPRESS")
    parameters = {"StateMachineArn": arn, "Input": {"given": 1}}
    start = task("aws-sdk:sfn:startSyncExecution", parameters)
    output = json.loads(machines.run(machine(Start=start))["output"])
    assert (output["Status"], output["Output"]) == ("SUCCEEDED", '{"given":1}')
