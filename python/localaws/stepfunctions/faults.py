"""What is wrong with a definition that parses: the faults of its transitions, in AWS's own codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

NO_TRANSITION = {"Choice", "Fail", "Succeed"}


def of_machine(machine: dict[str, Any], where: str = "/States") -> Iterator[str]:
    """Sentences such as "MISSING_TRANSITION_TARGET: Missing 'Next' target: Nowhere at /States/First/Next"."""
    states = machine["States"]
    if machine["StartAt"] not in states:
        yield f"MISSING_TRANSITION_TARGET: Missing 'StartAt' target: {machine['StartAt']} at {where}"
    for name, state in states.items():
        place = f"{where}/{name}"
        for step, target in _transitions(state):
            if target not in states:
                field = step.rpartition("/")[2]
                yield f"MISSING_TRANSITION_TARGET: Missing '{field}' target: {target} at {place}/{step}"
        if state["Type"] not in NO_TRANSITION and "Next" not in state and not state.get("End"):
            yield f"SCHEMA_VALIDATION_FAILED: Missing 'Next' or 'End' at {place}"
        for step, inner in _inner_machines(state):
            yield from of_machine(inner, f"{place}/{step}/States")


def _transitions(state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field]
    for rules in ("Choices", "Catch"):
        for index, rule in enumerate(state.get(rules, [])):
            if "Next" in rule:
                yield f"{rules}[{index}]/Next", rule["Next"]


def _inner_machines(state: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, branch in enumerate(state.get("Branches", [])):
        yield f"Branches[{index}]", branch
    for field in ("ItemProcessor", "Iterator"):
        if field in state:
            yield field, state[field]
