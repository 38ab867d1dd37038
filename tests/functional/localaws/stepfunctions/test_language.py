"""The Amazon States Language: how executions end on AWS, as its documentation has it, and here.

Sources: states-language.net/spec.html, and of the Step Functions developer guide "Handling errors",
"Choice workflow state", "Wait workflow state", "Context object" and "Intrinsic functions".
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from accounts import Account
from machines import Machines, machine

PASS = {"Type": "Pass"}
NO_MATCH = "Failed to transition out of the state. The state does not point to a next state."
NO_VALUE = "The choice state's condition path references an invalid value."


def passing(**fields: Any) -> dict[str, Any]:
    return machine(A={"Type": "Pass", **fields})


def template(value: str) -> dict[str, Any]:
    return passing(Parameters={"v.$": value})


def waiting(**fields: Any) -> dict[str, Any]:
    return machine(A={"Type": "Wait", **fields})


def failing(**fields: Any) -> dict[str, Any]:
    return machine(A={"Type": "Fail", **fields})


def choosing(rule: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The output is the input where the rule matches."""
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "Match"}], **fields}
    return {"StartAt": "A", "States": {"A": choice, "Match": {"Type": "Succeed"}}}


def mapping(inner: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": inner, **fields}


def caught(state: dict[str, Any], *names: str) -> dict[str, Any]:
    """The output of the machine is the error that the state's catcher got, or its cause."""
    catcher = {"ErrorEquals": list(names), "Next": "Caught"}
    return {
        "StartAt": "Outer",
        "States": {
            "Outer": {**state, "Catch": [catcher], "End": True},
            "Caught": {"Type": "Pass", "OutputPath": "$.Error", "End": True},
        },
    }


def error(name: str, cause: str = "") -> tuple[str, str]:
    return name, cause


def runtime(cause: str, state: str = "A", event: int = 2) -> tuple[str, str]:
    where = f"An error occurred while executing the state '{state}' (entered at the event id #"
    return "States.Runtime", f"{where}{event}). {cause}"


def no_match(state: str = "A", event: int = 2) -> tuple[str, str]:
    return "States.NoChoiceMatched", runtime(NO_MATCH, state, event)[1]


IS_ONE = {"Variable": "$.a", "NumericEquals": 1}
INNER_CHOICE = machine(In={"Type": "Choice", "Choices": [{**IS_ONE, "Next": "On"}]}, On=PASS)
INNER_PATH = machine(In={"Type": "Pass", "InputPath": "$.none"})
INNER_FAIL = machine(In={"Type": "Fail", "Error": "States.Permissions"})
BRANCH = {"Type": "Parallel", "Branches": [INNER_CHOICE]}

# name: definition, input (text is sent as spelled), and the output or the error with its cause
CASES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "a rule matches": (choosing(IS_ONE), {"a": 1}, {"a": 1}),
    "no rule matches": (choosing(IS_ONE), {"a": 2}, no_match()),
    "a variable is missing": (
        choosing(IS_ONE),
        {"b": 2},
        runtime(f"Invalid path '$.a': {NO_VALUE}"),
    ),
    "the other variable is missing": (
        choosing({"Variable": "$.a", "NumericEqualsPath": "$.b"}),
        {"a": 2},
        runtime(f"Invalid path '$.b': {NO_VALUE}"),
    ),
    "a missing variable is asked for": (
        choosing({"Variable": "$.a", "IsPresent": False}),
        {"b": 2},
        {"b": 2},
    ),
    "types differ": (
        choosing({"Not": {"Variable": "$.a", "NumericLessThanPath": "$.b"}}),
        {"a": 2, "b": "3"},
        {"a": 2, "b": "3"},
    ),
    "a comparison with the context": (
        choosing({"Variable": "$.a", "StringEqualsPath": "$$.Execution.Input.b"}),
        {"a": "x", "b": "x"},
        {"a": "x", "b": "x"},
    ),
    "only an asterisk is a wildcard": (
        choosing({"Variable": "$.a", "StringMatches": r"log-[?]*.\*"}),
        {"a": "log-[?]1.*"},
        {"a": "log-[?]1.*"},
    ),
    "timestamps of two zones": (
        choosing({"Variable": "$.a", "TimestampEquals": "2026-01-01T00:00:00Z"}),
        {"a": "2026-01-01T01:30:00.000+01:30"},
        {"a": "2026-01-01T01:30:00.000+01:30"},
    ),
    "a choice in a branch, caught": (caught(BRANCH, "States.ALL"), {"a": 2}, no_match()[0]),
    "a choice in an iteration, caught by its name": (
        caught(mapping(INNER_CHOICE), "States.NoChoiceMatched"),
        [{"a": 2}],
        no_match()[0],
    ),
    "an error of AWS in an iteration": (
        caught(mapping(INNER_FAIL), "States.TaskFailed"),
        [1],
        "States.Permissions",
    ),
    "a runtime error in an iteration, not caught": (
        caught(mapping(INNER_PATH), "States.ALL"),
        [{}],
        runtime("Invalid path '$.none' : No results for path: $['none']", "In", 5),
    ),
    "a runtime error, caught by its name": (
        caught(mapping(INNER_PATH), "States.Runtime"),
        [{}],
        "States.Runtime",
    ),
    "a choice in a branch, not caught": (
        machine(Outer=BRANCH),
        {"a": 2},
        no_match("In", 4),
    ),
    "an InputPath whose end is missing": (
        passing(InputPath="$.a.b"),
        {"a": {}},
        runtime("Invalid path '$.a.b' : No results for path: $['a']['b']"),
    ),
    "an InputPath whose way is missing": (
        passing(InputPath="$.a.b"),
        {},
        runtime("Invalid path '$.a.b' : Missing property in path $['a']"),
    ),
    "an OutputPath beyond a list": (
        passing(OutputPath="$.a[2]"),
        {"a": [1]},
        runtime("Invalid path '$.a[2]' : No results for path: $['a'][2]"),
    ),
    "an OutputPath into no list": (
        passing(OutputPath="$.a[0]"),
        {"a": 1},
        runtime(
            "Invalid path '$.a[0]' : Filter: [0] can only be applied to arrays. "
            "Current context is: 1"
        ),
    ),
    "a path of no input": (
        machine(Null={"Type": "Pass", "Result": None}, A={"Type": "Pass", "InputPath": "$.a"}),
        {},
        runtime("Unable to apply Path transformation to null or empty input.", "A", 4),
    ),
    "a template's path, with the input as spelled": (
        template("$.b"),
        '{ "a": 1 }',
        runtime(
            "The JSONPath '$.b' specified for the field 'v.$' could not be found in the input "
            "'{ \"a\": 1 }'"
        ),
    ),
    "a template's path in a later state": (
        machine(First=PASS, A={"Type": "Pass", "Parameters": {"v.$": "$.b"}}),
        '{ "a": 1 }',
        runtime(
            "The JSONPath '$.b' specified for the field 'v.$' could not be found in the input "
            "'{\"a\":1}'",
            "A",
            4,
        ),
    ),
    "a ResultPath into a number": (
        passing(Result=1, ResultPath="$.a.b"),
        {"a": 1},
        error(
            "States.ResultPathMatchFailure",
            runtime('Unable to apply step "b" to input 1')[1],
        ),
    ),
    "a ResultPath in any alphabet": (
        passing(Result=1, ResultPath="$.größe.where"),
        {"größe": {"b": 2}},
        {"größe": {"b": 2, "where": 1}},
    ),
    "items that are no list": (
        machine(A=mapping(machine(In=PASS), ItemsPath="$.a")),
        {"a": 1},
        runtime('Reference path "$.a" must point to array.'),
    ),
    "an ItemSelector's path": (
        machine(A=mapping(machine(In=PASS), ItemSelector={"v.$": "$[0].a"})),
        "[1]",
        runtime(
            "The JSONPath '$[0].a' specified for the field 'v.$' could not be found in the input "
            "'[1]'"
        ),
    ),
    "the item, in every state of the iteration": (
        machine(
            A=mapping(machine(In=PASS, On={"Type": "Pass", "Parameters": {"v.$": "$$.Map.Item"}}))
        ),
        ["x"],
        [{"v": {"Index": 0, "Value": "x"}}],
    ),
    "seconds that are no number": (
        waiting(SecondsPath="$.a"),
        {"a": "1"},
        runtime("The SecondsPath parameter cannot be parsed as a long value: $.a == 1"),
    ),
    "a time that is missing": (
        waiting(TimestampPath="$.a"),
        {},
        runtime("The TimestampPath parameter does not reference an input value: $.a"),
    ),
    "a time of another zone": (
        waiting(TimestampPath="$.a"),
        {"a": "2026-01-01T00:00:00.5+01:00"},
        {"a": "2026-01-01T00:00:00.5+01:00"},
    ),
    "an ErrorPath to no string": (
        failing(ErrorPath="$.a", Cause="c"),
        {"a": [1]},
        runtime("The ErrorPath parameter does not reference a string: $.a == [1]"),
    ),
    "a CausePath of nested functions": (
        failing(Error="E", CausePath="States.Format('{}!', States.JsonToString($.a))"),
        {"a": {"b": 1}},
        error("E", '{"b":1}!'),
    ),
    "a line break that splits": (
        template("States.StringSplit($.a, '\n')"),
        {"a": "Hello\nWorld"},
        {"v": ["Hello", "World"]},
    ),
    "a function's argument is missing": (
        template("States.Format('{}', $.b)"),
        {"a": 1},
        runtime(
            "The function 'States.Format('{}', $.b)' had the following error: The JsonPath "
            "argument for the field '$.b' could not be found in the input '{\"a\": 1}'"
        ),
    ),
    "a function's argument is wrong": (
        template("States.ArrayGetItem($.a, 3)"),
        {"a": [1]},
        runtime(
            "The function 'States.ArrayGetItem($.a, 3)' had the following error: "
            "Invalid arguments in States.ArrayGetItem"
        ),
    ),
}


@pytest.fixture(scope="module")
def ended(account: Account) -> dict[str, dict[str, Any]]:
    """The execution of every case, at the same time."""
    machines = Machines(account)
    started = {}
    for name, (definition, execution_input, _) in CASES.items():
        spelled = execution_input if isinstance(execution_input, str) else None
        started[name] = machines.start(definition, execution_input, spelled)
    return {name: machines.wait_for_end(arn) for name, arn in started.items()}


@pytest.mark.parametrize("name", CASES)
def test_an_execution_ends_as_documented(ended: dict[str, dict[str, Any]], name: str) -> None:
    execution = ended[name]
    expected = CASES[name][2]
    if isinstance(expected, tuple):
        assert (execution.get("error"), execution.get("cause")) == expected
    else:
        assert execution["status"] == "SUCCEEDED", execution.get("cause")
        assert json.loads(execution["output"]) == expected
