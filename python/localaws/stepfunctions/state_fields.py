"""The fields of states: which ones each type has, which ones it needs, and which exclude another.

Source: the pages on workflow states of the Step Functions developer guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from localaws.json_object import JsonObject
from localaws.stepfunctions.diagnostics import SCHEMA, Diagnostic, machines

MACHINE = {"Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"}
COMMON = {"Comment", "QueryLanguage", "Type"}
PATHS = {"InputPath", "OutputPath"}
TRANSITION = {"Next", "End"}
RESULT = {"Parameters", "ResultPath", "ResultSelector"}
ERRORS = {"Catch", "Retry"}
TIMEOUTS = {"TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"}
WAIT_TIMES = ["SecondsPath", "Seconds", "TimestampPath", "Timestamp"]
LIMITS = {
    "MaxConcurrency",
    "MaxConcurrencyPath",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
}
MAP_FIELDS = {
    "ItemBatcher",
    "ItemProcessor",
    "ItemReader",
    "ItemSelector",
    "ItemsPath",
    "Iterator",
    "Label",
    "ResultWriter",
}
ALLOWED = {
    "Choice": PATHS | {"Choices", "Default"},
    "Fail": {"Cause", "CausePath", "Error", "ErrorPath"},
    "Map": PATHS | TRANSITION | RESULT | ERRORS | LIMITS | MAP_FIELDS,
    "Parallel": PATHS | TRANSITION | RESULT | ERRORS | {"Branches"},
    "Pass": PATHS | TRANSITION | {"Parameters", "Result", "ResultPath"},
    "Succeed": PATHS,
    "Task": PATHS | TRANSITION | RESULT | ERRORS | TIMEOUTS | {"Credentials", "Resource"},
    "Wait": PATHS | TRANSITION | set(WAIT_TIMES),
}
REQUIRED = {"Choice": "Choices", "Parallel": "Branches", "Task": "Resource"}
ONE_OF = {"Map": ["ItemProcessor", "Iterator"], "Wait": WAIT_TIMES}
EXCLUSIVE = [
    ["TimeoutSeconds", "TimeoutSecondsPath"],
    ["HeartbeatSeconds", "HeartbeatSecondsPath"],
    ["MaxConcurrency", "MaxConcurrencyPath"],
    ["ToleratedFailureCount", "ToleratedFailureCountPath"],
    ["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"],
    ["Error", "ErrorPath"],
    ["Cause", "CausePath"],
    ["ItemProcessor", "Iterator"],
    WAIT_TIMES,
]
JSONATA_ONLY = {"Arguments", "Items", "Output"}


def diagnose(definition: JsonObject) -> Iterator[Diagnostic]:
    for field in definition:
        if field not in MACHINE:
            yield _not_supported(field, "/")
    for machine in machines(definition):
        for field in ("StartAt", "States"):
            if field not in machine.content:
                yield _required(field, machine.location or "/")
        if machine.content.get("States") == {}:
            yield Diagnostic(SCHEMA, "Value cannot be empty", f"{machine.location}/States")
        for _, state, location in machine.states:
            yield from _diagnose_state(state, location)


def _diagnose_state(state: JsonObject, location: str) -> Iterator[Diagnostic]:
    if "Type" not in state:
        yield _required("Type", location)
        return
    type_name = state["Type"]
    if type_name not in ALLOWED:
        yield one_of_values(ALLOWED, f"{location}/Type")
        return
    yield from _surplus_fields(state, type_name, location)
    required = REQUIRED.get(type_name)
    if required and required not in state:
        yield _required(required, location)
    yield from _groups(state, type_name, location)
    if ALLOWED[type_name] >= TRANSITION:
        yield from _transition(state, location)


def _surplus_fields(state: JsonObject, type_name: str, location: str) -> Iterator[Diagnostic]:
    for field in state:
        if field in ALLOWED[type_name] | COMMON or field == "Assign":
            continue
        if field in JSONATA_ONLY:
            message = (
                f"The QueryLanguage is set to 'JSONPath', but field '{field}' is only supported "
                "for the 'JSONata' QueryLanguage"
            )
            yield Diagnostic(SCHEMA, message, location)
        else:
            yield _not_supported(field, location)


def _groups(state: JsonObject, type_name: str, location: str) -> Iterator[Diagnostic]:
    for group in EXCLUSIVE:
        if sum(field in state for field in group) > 1:
            yield _only_one(group, location)
    needed = ONE_OF.get(type_name, [])
    if needed and not any(field in state for field in needed):
        yield _exactly_one(needed, location)


def _transition(state: JsonObject, location: str) -> Iterator[Diagnostic]:
    is_end = state.get("End") is True
    if "Next" in state and is_end:
        yield _only_one(["Next", "End"], location)
    elif "Next" not in state and not is_end:
        yield _exactly_one(["Next", "End"], location)


def one_of_values(values: Any, location: str) -> Diagnostic:
    names = ", ".join(values)
    return Diagnostic(SCHEMA, f"Value should be one of the following: [{names}]", location)


def _not_supported(field: str, location: str) -> Diagnostic:
    return Diagnostic(SCHEMA, f"Field '{field}' is not supported", location)


def _required(field: str, location: str) -> Diagnostic:
    return Diagnostic(SCHEMA, f"These fields are required: [{field}]", location)


def _only_one(fields: list[str], location: str) -> Diagnostic:
    names = ", ".join(fields)
    message = f"There should only be one of the following fields: [{names}]"
    return Diagnostic(SCHEMA, message, location)


def _exactly_one(fields: list[str], location: str) -> Diagnostic:
    names = ", ".join(fields)
    message = f"This object should have only one of the following fields: [{names}]"
    return Diagnostic(SCHEMA, message, location)
