"""What is wrong with a definition, as ValidateStateMachineDefinition reports it, and where to look.

Codes: docs.aws.amazon.com/step-functions/latest/apireference/
API_ValidateStateMachineDefinitionDiagnostic.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localaws.json_object import JsonObject

SCHEMA = "SCHEMA_VALIDATION_FAILED"


@dataclass(frozen=True)
class Diagnostic:
    """`location` is a path such as /States/Classify/Next; some problems have none."""

    code: str
    message: str
    location: str | None = None

    def __str__(self) -> str:
        """As CreateStateMachine writes it."""
        return f"{self.code}: {self.message} at {self.location or 'null'}"


@dataclass(frozen=True)
class Machine:
    """The whole definition, a branch of a Parallel state or the processor of a Map state.

    `location` is empty for the definition itself, else such as /States/Classify/Branches[0].
    """

    content: JsonObject
    location: str = ""

    @property
    def states(self) -> Iterator[tuple[str, JsonObject, str]]:
        """Name, content and location of each state."""
        states = self.content.get("States")
        if not isinstance(states, dict):
            return
        for name, state in states.items():
            if isinstance(state, dict):
                yield name, state, f"{self.location}/States/{name}"


def machines(definition: JsonObject, location: str = "") -> Iterator[Machine]:
    """The definition and every machine inside of its states, outer ones first."""
    machine = Machine(definition, location)
    yield machine
    for _, state, state_location in machine.states:
        for field, inner in _inner_machines(state):
            yield from machines(inner, f"{state_location}/{field}")


def _inner_machines(state: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for index, branch in enumerate(items(state, "Branches")):
        yield f"Branches[{index}]", branch
    for field in ("ItemProcessor", "Iterator"):
        if isinstance(state.get(field), dict):
            yield field, state[field]


def items(owner: JsonObject, field: str) -> list[Any]:
    """The objects of a list, or none where the field is missing or has another type."""
    value = owner.get(field)
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, dict)]
