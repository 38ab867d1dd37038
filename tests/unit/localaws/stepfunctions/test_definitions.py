from __future__ import annotations

from typing import Any

import pytest

PASS = {"Type": "Pass", "End": True}
LOST = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Next": "Nowhere"}}}


def faults(machine: dict[str, Any]) -> list[str]:
    from localaws.stepfunctions.definitions import transition_faults  # imports for a second

    return list(transition_faults(machine))


def test_a_valid_machine_has_no_faults() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Done"}],
        "Default": "Done",
    }
    machine = {
        "StartAt": "Which",
        "States": {"Which": choice, "Done": {"Type": "Succeed"}, "Bad": {"Type": "Fail"}},
    }
    assert faults(machine) == []


@pytest.mark.parametrize(
    ("start", "state", "fault"),
    [
        ("Other", PASS, "MISSING_TRANSITION_TARGET: Missing 'StartAt' target: Other at /States"),
        ("A", {"Type": "Pass"}, "SCHEMA_VALIDATION_FAILED: Missing 'Next' or 'End' at /States/A"),
        (
            "A",
            {"Type": "Pass", "Next": "B"},
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next",
        ),
        (
            "A",
            {"Type": "Choice", "Choices": [], "Default": "B"},
            "MISSING_TRANSITION_TARGET: Missing 'Default' target: B at /States/A/Default",
        ),
        (
            "A",
            {**PASS, "Type": "Task", "Catch": [{"Next": "B"}]},
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Catch[0]/Next",
        ),
        (
            "A",
            {**PASS, "Type": "Parallel", "Branches": [LOST]},
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: Nowhere "
            "at /States/A/Branches[0]/States/In/Next",
        ),
        (
            "A",
            {**PASS, "Type": "Map", "ItemProcessor": LOST},
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: Nowhere "
            "at /States/A/ItemProcessor/States/In/Next",
        ),
    ],
)
def test_a_fault_has_its_path(start: str, state: dict[str, Any], fault: str) -> None:
    assert faults({"StartAt": start, "States": {"A": state}}) == [fault]
