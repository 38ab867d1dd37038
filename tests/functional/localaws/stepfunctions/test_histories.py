"""The events of executions, in the order in which AWS documents them for each type of state.

Source: the types of GetExecutionHistory's HistoryEvent in the API reference of Step Functions.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from accounts import Account
from deployed_functions import Functions
from machines import Machines, machine

PASS = {"Type": "Pass"}
FAIL = {"Type": "Fail", "Error": "E", "Cause": "c"}
CODE = """
    def handler(event, context):
        if event == "fail":
            raise KeyError(event)
        return [1, 2]
"""
AGAIN = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "IntervalSeconds": 1}]
TASK = ["TaskScheduled", "TaskStarted"]
CALL = ["LambdaFunctionScheduled", "LambdaFunctionStarted"]
SUCCEEDED = ["ExecutionSucceeded"]
FAILED = ["ExecutionFailed"]


def state(kind: str, *between: str) -> list[str]:
    return [f"{kind}StateEntered", *between, f"{kind}StateExited"]


def iteration(*between: str) -> list[str]:
    return ["MapIterationStarted", *between, "MapIterationSucceeded"]


def mapping(inner: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": inner, "MaxConcurrency": 1, **fields}


@pytest.fixture(scope="module")
def function(account: Account) -> str:
    functions = Functions(account)
    name = functions.deploy(CODE)
    arn: str = functions.client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    return arn


def events(account: Account, definition: dict[str, Any], execution_input: Any = None) -> Any:
    history = Machines(account).history(definition, execution_input)
    assert history[0]["type"] == "ExecutionStarted"
    return [event["type"] for event in history[1:]]


# name: the machine, its input and the events after ExecutionStarted
CASES: dict[str, tuple[dict[str, Any], Any, list[str]]] = {
    "pass and succeed": (
        machine(A=PASS, B={"Type": "Succeed"}),
        {},
        [*state("Pass"), *state("Succeed"), *SUCCEEDED],
    ),
    "wait and fail": (
        machine(A={"Type": "Wait", "Seconds": 0}, B=FAIL),
        {},
        [*state("Wait"), "FailStateEntered", *FAILED],
    ),
    "map": (
        machine(A=mapping(machine(B=PASS))),
        [1, 2],
        [
            *state("Map", "MapStateStarted", *(iteration(*state("Pass")) * 2), "MapStateSucceeded"),
            *SUCCEEDED,
        ],
    ),
    "map of nothing": (
        machine(A=mapping(machine(B=PASS))),
        [],
        [*state("Map", "MapStateStarted", "MapStateSucceeded"), *SUCCEEDED],
    ),
    "map that fails": (
        machine(A=mapping(machine(B=FAIL))),
        [1, 2],
        [
            "MapStateEntered",
            "MapStateStarted",
            "MapIterationStarted",
            "FailStateEntered",
            "MapIterationFailed",
            "MapStateFailed",
            *FAILED,
        ],
    ),
    "parallel": (
        machine(A={"Type": "Parallel", "Branches": [machine(B=PASS)]}),
        {},
        [
            *state("Parallel", "ParallelStateStarted", *state("Pass"), "ParallelStateSucceeded"),
            *SUCCEEDED,
        ],
    ),
    "parallel, twice": (
        machine(A={"Type": "Parallel", "Branches": [machine(B=FAIL)], "Retry": AGAIN}),
        {},
        [
            "ParallelStateEntered",
            *(["ParallelStateStarted", "FailStateEntered"] * 2),
            "ParallelStateFailed",
            *FAILED,
        ],
    ),
    "a path before anything": (
        machine(A=mapping(machine(B=PASS), ItemsPath="$.none")),
        {},
        ["MapStateEntered", *FAILED],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_events_of_a_state(account: Account, name: str) -> None:
    definition, execution_input, expected = CASES[name]
    assert events(account, definition, execution_input) == expected


def test_the_events_of_a_function_as_the_resource(account: Account, function: str) -> None:
    call = {"Type": "Task", "Resource": function}
    assert events(account, machine(A=call), "x") == [
        *state("Task", *CALL, "LambdaFunctionSucceeded"),
        *SUCCEEDED,
    ]
    failed = [*CALL, "LambdaFunctionFailed"]
    assert events(account, machine(A={**call, "Retry": AGAIN}), "fail") == [
        "TaskStateEntered",
        *failed,
        *failed,
        *FAILED,
    ]


def test_the_events_of_an_invoke_task(account: Account, function: str) -> None:
    parameters = {"FunctionName": function, "Payload.$": "$"}
    call = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters}
    assert events(account, machine(A=call), "x") == [
        *state("Task", *TASK, "TaskSucceeded"),
        *SUCCEEDED,
    ]
    caught = {**call, "Catch": [{"ErrorEquals": ["KeyError"], "Next": "B"}]}
    assert events(account, machine(A=caught, B={"Type": "Succeed"}), "fail") == [
        *state("Task", *TASK, "TaskFailed"),
        *state("Succeed"),
        *SUCCEEDED,
    ]


def test_an_event_has_the_output_as_the_function_wrote_it(account: Account, function: str) -> None:
    history = Machines(account).history(machine(A={"Type": "Task", "Resource": function}), "x")
    (succeeded,) = (event for event in history if event["type"] == "LambdaFunctionSucceeded")
    output = succeeded["lambdaFunctionSucceededEventDetails"]["output"]
    assert output == json.dumps([1, 2])
