"""What AWS finds wrong with definitions: `states:ValidateStateMachineDefinition` lists it."""

from __future__ import annotations

from typing import Any

import pytest

TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
PASS = {"Type": "Pass", "End": True}
LOST = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Next": "Nowhere"}}}
RULE = {"Variable": "$.a", "IsNull": True, "Next": "Done"}
MISSING_END = "MISSING_END_STATE: Workflow has no terminal state at null"


def faults(machine: dict[str, Any], machine_type: str = "STANDARD") -> list[str]:
    from localaws.stepfunctions.definitions import rule_faults  # imports for a second

    return [str(fault) for fault in rule_faults(machine, machine_type)]


def alone(**state: Any) -> dict[str, Any]:
    """A machine of one state, "A"."""
    return {"StartAt": "A", "States": {"A": state}}


def schema(text: str) -> list[str]:
    return [f"SCHEMA_VALIDATION_FAILED: {text}"]


def missing(text: str) -> str:
    return f"MISSING_TRANSITION_TARGET: {text}"


def test_a_valid_machine_has_no_faults() -> None:
    choice = {"Type": "Choice", "Choices": [RULE], "Default": "Bad"}
    machine = {
        "StartAt": "Which",
        "States": {"Which": choice, "Done": {"Type": "Succeed"}, "Bad": {"Type": "Fail"}},
    }
    assert faults(machine) == []


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (
            {"StartAt": "B", "States": {"A": PASS}},
            [
                missing("Missing 'Next' target: B at /StartAt"),
                missing('State "A" is not reachable. at /States/A'),
            ],
        ),
        (
            alone(Type="Pass", Next="B"),
            [missing("Missing 'Next' target: B at /States/A/Next"), MISSING_END],
        ),
        (
            alone(Type="Choice", Choices=[{**RULE, "Next": "A"}], Default="B"),
            [missing("Missing 'Next' target: B at /States/A/Default"), MISSING_END],
        ),
        (
            alone(**TASK, Catch=[{"ErrorEquals": ["E"], "Next": "B"}]),
            [missing("Missing 'Next' target: B at /States/A/Catch[0]/Next")],
        ),
        (
            alone(Type="Parallel", End=True, Branches=[LOST]),
            [missing("Missing 'Next' target: Nowhere at /States/A/Branches[0]/States/In/Next")],
        ),
        (
            alone(Type="Map", End=True, ItemProcessor=LOST),
            [missing("Missing 'Next' target: Nowhere at /States/A/ItemProcessor/States/In/Next")],
        ),
        (
            {"StartAt": "A", "States": {"A": PASS, "B": PASS}},
            [missing('State "B" is not reachable. at /States/B')],
        ),
        (
            {
                "StartAt": "A",
                "States": {
                    "A": PASS,
                    "B": {"Type": "Pass", "Next": "C"},
                    "C": {"Type": "Pass", "Next": "B"},
                },
            },
            [
                missing('State "B" is not reachable. at /States/B'),
                missing('State "C" is not reachable. at /States/C'),
            ],
        ),
        (
            alone(Type="Parallel", End=True, Branches=[alone(**PASS)]),
            ["DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[0]/States/A"],
        ),
    ],
)
def test_states_lead_to_one_another_and_to_an_end(
    machine: dict[str, Any], expected: list[str]
) -> None:
    assert faults(machine) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"End": True}, "These fields are required: [Type] at /States/A"),
        ({"Type": "Task", "End": True}, "These fields are required: [Resource] at /States/A"),
        ({**PASS, "TimeoutSeconds": 3}, "Field 'TimeoutSeconds' is not supported at /States/A"),
        ({**PASS, "Catch": []}, "Field 'Catch' is not supported at /States/A"),
        (
            {"Type": "Pass"},
            "This object should have only one of the following fields: [Next, End] at /States/A",
        ),
        (
            {**PASS, "Next": "A"},
            "There should only be one of the following fields: [Next, End] at /States/A",
        ),
        (
            {"Type": "Wait", "End": True, "Seconds": 1, "SecondsPath": "$.a"},
            "There should only be one of the following fields: "
            "[SecondsPath, Seconds, TimestampPath, Timestamp] at /States/A",
        ),
        (
            {**TASK, "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]},
            "States.ALL must appear alone and at end of list at /States/A/Retry[0]/ErrorEquals",
        ),
        (
            {**TASK, "Retry": [{"ErrorEquals": ["States.ALL", "E"]}]},
            "States.ALL must appear alone and at end of list at /States/A/Retry[0]/ErrorEquals",
        ),
        (
            {**TASK, "Retry": [{"ErrorEquals": ["E"], "JitterStrategy": "HALF"}]},
            "Value should be one of the following: [NONE, FULL] "
            "at /States/A/Retry[0]/JitterStrategy",
        ),
        (
            {**TASK, "Catch": [{"ErrorEquals": ["E"]}]},
            "These fields are required: [Next] at /States/A/Catch[0]",
        ),
        ({"Type": "Choice", "Choices": []}, "Value cannot be empty at /States/A/Choices"),
        (
            {"Type": "Choice", "Choices": [{"Not": RULE, "Next": "A"}]},
            "Field 'Next' is not supported at /States/A/Choices[0]/Not",
        ),
        (
            {"Type": "Choice", "Choices": [{**RULE, "Variable": "a"}]},
            "Value is not a Reference Path: Reference path didn't start with '$' "
            "at /States/A/Choices[0]/Variable",
        ),
        ({**PASS, "InputPath": "a"}, "Value must be a valid JSONPath. at /States/A/InputPath"),
        (
            {**PASS, "ResultPath": "$.a[*]"},
            "Value is not a Reference Path at /States/A/ResultPath",
        ),
        (
            {**PASS, "Parameters": {"in": {"a.$": "b"}}},
            "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function "
            "call at /States/A/Parameters/in",
        ),
        (
            {**TASK, "Resource": "${classify}"},
            "Value is not a valid resource ARN at /States/A/Resource",
        ),
        (
            {**PASS, "Output": 1},
            "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the "
            "'JSONata' QueryLanguage at /States/A",
        ),
    ],
)
def test_each_state_is_sound(state: dict[str, Any], expected: str) -> None:
    assert faults(alone(**state)) == schema(expected)


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (
            {**alone(**PASS), "QueryLanguage": "JSONata"},
            "The local AWS does not run JSONata: write the state in JSONPath, the default. "
            "at /QueryLanguage",
        ),
        (
            alone(**PASS, Assign={"a": 1}),
            "The local AWS does not run variables: write values into the state's output instead. "
            "at /States/A/Assign",
        ),
    ],
)
def test_what_the_local_aws_cannot_run_is_refused(machine: dict[str, Any], expected: str) -> None:
    assert faults(machine) == schema(expected)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (
            "arn:aws:states:::batch:submitJob.sync",
            "Express state machine does not support '.sync' service integration",
        ),
        (
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Express state machine does not support '.waitForTaskToken' service integration",
        ),
        (
            "arn:aws:states:us-east-1:123456789012:activity:review",
            "Express state machine does not support Activity ARN",
        ),
    ],
)
def test_an_express_machine_waits_for_nothing(resource: str, expected: str) -> None:
    machine = alone(**{**TASK, "Resource": resource})
    assert faults(machine) == []
    assert faults(machine, "EXPRESS") == schema(f"{expected} at /States/A/Resource")
