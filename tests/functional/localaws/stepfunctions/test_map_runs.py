"""Map runs and their child executions: what AWS's API reference and developer guide say."""

from __future__ import annotations

import json

import pytest
from accounts import Account
from machines import FAIL_ABOVE_2, Machines, distributed, machine


@pytest.fixture(scope="module")
def machines(account: Account) -> Machines:
    return Machines(account)


def test_a_map_run_is_described_with_its_counts(machines: Machines) -> None:
    definition = distributed(
        FAIL_ABOVE_2, ToleratedFailureCount=1, MaxConcurrency=2, ItemsPath="$.items"
    )
    execution = machines.run(definition, {"items": [1, 2, 3]})
    (run,) = machines.states.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
    description = machines.states.describe_map_run(mapRunArn=run["mapRunArn"])
    counts = {name: count for name, count in description["itemCounts"].items() if count}
    assert counts == {"total": 3, "succeeded": 2, "failed": 1, "resultsWritten": 2}
    assert (description["status"], description["maxConcurrency"]) == ("SUCCEEDED", 2)


def test_a_child_execution_has_a_context_of_its_own(machines: Machines) -> None:
    look = machine(Look={"Type": "Pass", "Parameters": {"all.$": "$$"}})
    execution = machines.run(distributed(look, Label="Images"), [{"key": "a.png"}])
    (child,) = json.loads(execution["output"])
    context = child["all"]
    assert context["Execution"]["Input"] == {"key": "a.png"}
    assert "/Images:" in context["Execution"]["Id"]
    assert context["StateMachine"]["Id"].endswith("/Images")


def test_a_child_execution_may_be_an_express_one(machines: Machines) -> None:
    look = machine(Look={"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id"}})
    definition = distributed(look)
    config = definition["States"]["Map"]["ItemProcessor"]["ProcessorConfig"]
    config["ExecutionType"] = "EXPRESS"
    (child,) = json.loads(machines.run(definition, [1])["output"])
    assert child["id"].split(":")[5] == "express"


def test_a_stopped_execution_aborts_its_map_run(machines: Machines) -> None:
    waiting = machine(Wait={"Type": "Wait", "Seconds": 60})
    arn = machines.start(distributed(waiting), [1, 2])
    machines.wait_for_event(arn, "MapRunStarted")
    machines.states.stop_execution(executionArn=arn)
    assert machines.wait_for_end(arn)["status"] == "ABORTED"
    machines.wait_for_event(arn, "MapRunAborted")
