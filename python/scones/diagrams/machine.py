"""A state machine as a graph: its states, and where each one leads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

State = Mapping[str, Any]

# What stands at the ends of a picture. No state has an empty name, or one with a line break.
START, DONE = "", "\n"
NO_CONDITION = {"Variable", "Next", "Comment", "Assign", "Output"}


@dataclass(frozen=True)
class Edge:
    """A way from one state to another; `conditions` are what it is taken for: errors, where `caught`."""

    source: str
    target: str
    conditions: tuple[str, ...] = ()
    caught: bool = False


@dataclass(frozen=True)
class Machine:
    """`kinds` are the types of the states ("Task", "Choice", …) by name, in the order of the definition."""

    kinds: Mapping[str, str]
    edges: tuple[Edge, ...]

    @property
    def ends(self) -> bool:
        """Whether a state ends the execution well, rather than in a Succeed or Fail state."""
        return any(edge.target == DONE for edge in self.edges)


def parse(definition: Mapping[str, Any]) -> Machine:
    """The graph of a definition; of a Map or Parallel state, what is inside stays inside."""
    states: Mapping[str, State] = definition["States"]
    edges = [Edge(START, definition["StartAt"])]
    for name, state in states.items():
        edges += _edges(name, state)
    return Machine({name: state["Type"] for name, state in states.items()}, tuple(edges))


def _edges(name: str, state: State) -> Iterator[Edge]:
    """Where a state leads, first when all goes well."""
    for rule in state.get("Choices", []):
        yield Edge(name, rule["Next"], (_condition(rule),))
    if "Default" in state:
        yield Edge(name, state["Default"], ("otherwise",))
    if "Next" in state:
        yield Edge(name, state["Next"])
    if state.get("End"):
        yield Edge(name, DONE)
    for catcher in state.get("Catch", []):
        yield Edge(name, catcher["Next"], tuple(catcher["ErrorEquals"]), caught=True)


def _condition(rule: Mapping[str, Any]) -> str:
    for word in ("And", "Or"):
        if word in rule:
            return f" {word.lower()} ".join(_condition(part) for part in rule[word])
    if "Not" in rule:
        return f"not ({_condition(rule['Not'])})"
    operator, value = next(
        (field, value) for field, value in rule.items() if field not in NO_CONDITION
    )
    return (
        f"{rule['Variable']} {operator} {json.dumps(value)}" if "Variable" in rule else str(value)
    )
