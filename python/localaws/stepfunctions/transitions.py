"""Where the states of a definition lead: every target exists, every state is reached, one ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from localaws.json_object import JsonObject
from localaws.stepfunctions.diagnostics import Diagnostic, Machine, items, machines

MISSING_TARGET = "MISSING_TRANSITION_TARGET"


def diagnose(definition: JsonObject) -> Iterator[Diagnostic]:
    for machine in machines(definition):
        yield from _missing_targets(machine)
    yield from _duplicate_names(definition)
    if not _has_end(definition):
        yield Diagnostic("MISSING_END_STATE", "Workflow has no terminal state")
        return
    for machine in machines(definition):
        yield from _unreachable_states(machine)


def _missing_targets(machine: Machine) -> Iterator[Diagnostic]:
    """AWS calls each of them "Next", also where the field is StartAt or Default."""
    names = {name for name, _, _ in machine.states}
    start = machine.content.get("StartAt")
    targets = [(f"{machine.location}/StartAt", start)]
    for _, state, location in machine.states:
        targets += [(f"{location}/{field}", target) for field, target in _transitions(state)]
    for location, target in targets:
        if target not in names:
            yield Diagnostic(MISSING_TARGET, f"Missing 'Next' target: {target}", location)


def _unreachable_states(machine: Machine) -> Iterator[Diagnostic]:
    following = {
        name: {target for _, target in _transitions(state) if target != name}
        for name, state, _ in machine.states
    }
    start = machine.content.get("StartAt")
    entered = {start}.union(*following.values())
    unreachable = [name for name in following if name not in entered]
    if not unreachable and start in following:  # but states may lead to one another in a circle
        reached = _reached(start, following)
        unreachable = [name for name in following if name not in reached]
    for name in unreachable:
        location = f"{machine.location}/States/{name}"
        yield Diagnostic(MISSING_TARGET, f'State "{name}" is not reachable.', location)


def _reached(start: str, following: dict[str, set[Any]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in following and name not in reached:
            reached.add(name)
            waiting.extend(following[name])
    return reached


def _duplicate_names(definition: JsonObject) -> Iterator[Diagnostic]:
    """Names are unique in the whole definition, not only within a branch."""
    known: set[str] = set()
    for machine in machines(definition):
        for name, _, location in machine.states:
            if name in known:
                message = f"Duplicate State name: {name}"
                yield Diagnostic("DUPLICATE_STATE_NAME", message, location)
            known.add(name)


def _has_end(definition: JsonObject) -> bool:
    return any(
        state.get("End") is True or state.get("Type") in {"Succeed", "Fail"}
        for _, state, _ in Machine(definition).states
    )


def _transitions(state: JsonObject) -> Iterator[tuple[str, Any]]:
    """The fields that name a state, with its name."""
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field]
    for rules in ("Choices", "Catch"):
        for index, rule in enumerate(items(state, rules)):
            if "Next" in rule:
                yield f"{rules}[{index}]/Next", rule["Next"]
