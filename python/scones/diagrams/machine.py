"""A state machine as a graph of states and transitions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scones.json_object import JsonObject

State = JsonObject

# The nodes at the ends of a diagram. No state has an empty name, or one with a line break.
START, DONE = "", "\n"
# The fields of a choice rule that are not its operator.
NO_OPERATORS = {
    "Variable",
    "Next",
    "Comment",
    "Assign",
    "Output",
}


@dataclass(frozen=True)
class Edge:
    """A transition; `conditions` are those of a choice, or the errors that are `caught`."""

    source: str
    target: str
    conditions: tuple[str, ...] = ()
    caught: bool = False


@dataclass(frozen=True)
class Machine:
    """`kinds` are the types of the states ("Task", "Choice", …) by name, in definition order."""

    kinds: Mapping[str, str]
    edges: tuple[Edge, ...]

    @property
    def ends(self) -> bool:
        """Whether a state ends the execution by "End", rather than as a Succeed or Fail state."""
        return any(edge.target == DONE for edge in self.edges)


def parse(definition: JsonObject) -> Machine:
    """The graph of a definition, without the inner states of Map and Parallel states."""
    states: Mapping[str, State] = definition["States"]
    edges = [Edge(START, definition["StartAt"])]
    for name, state in states.items():
        edges += _edges(name, state)
    kinds = {name: state["Type"] for name, state in states.items()}
    return Machine(kinds, tuple(edges))


def _edges(name: str, state: State) -> Iterator[Edge]:
    """The transitions from a state, those for errors last."""
    for rule in state.get("Choices", []):
        yield Edge(
            name,
            rule["Next"],
            (_condition(rule),),
        )
    if "Default" in state:
        yield Edge(
            name,
            state["Default"],
            ("otherwise",),
        )
    if "Next" in state:
        yield Edge(name, state["Next"])
    if state.get("End"):
        yield Edge(name, DONE)
    for catcher in state.get("Catch", []):
        errors = tuple(catcher["ErrorEquals"])
        yield Edge(
            name,
            catcher["Next"],
            errors,
            caught=True,
        )


def _condition(rule: JsonObject) -> str:
    for operator in ("And", "Or"):
        if operator in rule:
            parts = [_condition(part) for part in rule[operator]]
            return f" {operator.lower()} ".join(parts)
    if "Not" in rule:
        return f"not ({_condition(rule['Not'])})"
    operator = next(name for name in rule if name not in NO_OPERATORS)
    value = rule[operator]
    if "Variable" not in rule:
        return str(value)
    return f"{rule['Variable']} {operator} {json.dumps(value)}"
