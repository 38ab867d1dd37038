"""What AWS runs and the local AWS does not: JSONata and variables, refused in a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from localaws.json_object import JsonObject
from localaws.stepfunctions.diagnostics import SCHEMA, Diagnostic, Machine, items, machines

JSONATA = "The local AWS does not run JSONata: write the state in JSONPath, the default."
VARIABLES = "The local AWS does not run variables: write values into the state's output instead."


def diagnose(definition: JsonObject) -> Iterator[Diagnostic]:
    for machine in machines(definition):
        yield from _jsonata(machine.content, machine.location)
        yield from _variables(machine)


def _jsonata(owner: JsonObject, location: str) -> Iterator[Diagnostic]:
    if owner.get("QueryLanguage") == "JSONata":
        yield Diagnostic(SCHEMA, JSONATA, f"{location}/QueryLanguage")


def _variables(machine: Machine) -> Iterator[Diagnostic]:
    for _, state, location in machine.states:
        yield from _jsonata(state, location)
        owners = [(state, location)]
        for rules in ("Choices", "Catch"):
            for index, rule in enumerate(items(state, rules)):
                owners.append((rule, f"{location}/{rules}[{index}]"))
        for owner, owner_location in owners:
            if "Assign" in owner:
                yield Diagnostic(SCHEMA, VARIABLES, f"{owner_location}/Assign")
