"""The rules inside of states: retriers, catchers, choice rules, and how a path or an ARN looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from localaws.json_object import JsonObject
from localaws.stepfunctions.diagnostics import SCHEMA, Diagnostic, items, machines
from localaws.stepfunctions.state_fields import one_of_values

ALL = "States.ALL"
PATH_FIELDS = [
    "HeartbeatSecondsPath",
    "InputPath",
    "ItemsPath",
    "MaxConcurrencyPath",
    "OutputPath",
    "ResultPath",
    "SecondsPath",
    "TimeoutSecondsPath",
    "TimestampPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
]
TEXT_PATHS = ["CausePath", "ErrorPath"]  # these take an intrinsic function, too
TEMPLATES = ["ItemSelector", "Parameters", "ResultSelector"]
OPERATORS = ["And", "Or", "Not", "Variable", "Condition"]
NOT_A_REFERENCE = re.compile(r"[*?@]|\.\.")


def diagnose(definition: JsonObject) -> Iterator[Diagnostic]:
    for machine in machines(definition):
        for _, state, location in machine.states:
            yield from _error_rules(state, location)
            yield from _choice_rules(state, location)
            yield from _paths(state, location)
            yield from _templates(state, location)
            yield from _resource(state, location)


def _error_rules(state: JsonObject, location: str) -> Iterator[Diagnostic]:
    for field in ("Retry", "Catch"):
        rules = items(state, field)
        for index, rule in enumerate(rules):
            at = f"{location}/{field}[{index}]"
            required = ["ErrorEquals"] if field == "Retry" else ["ErrorEquals", "Next"]
            yield from _required_fields(rule, required, at)
            names = rule.get("ErrorEquals")
            is_last = index == len(rules) - 1
            if names == []:
                yield Diagnostic(SCHEMA, "Value cannot be empty", f"{at}/ErrorEquals")
            elif isinstance(names, list) and ALL in names and not (is_last and len(names) == 1):
                message = f"{ALL} must appear alone and at end of list"
                yield Diagnostic(SCHEMA, message, f"{at}/ErrorEquals")
            if rule.get("JitterStrategy", "NONE") not in ("NONE", "FULL"):
                yield one_of_values(["NONE", "FULL"], f"{at}/JitterStrategy")


def _choice_rules(state: JsonObject, location: str) -> Iterator[Diagnostic]:
    if state.get("Choices") == []:
        yield Diagnostic(SCHEMA, "Value cannot be empty", f"{location}/Choices")
    for index, rule in enumerate(items(state, "Choices")):
        at = f"{location}/Choices[{index}]"
        yield from _required_fields(rule, ["Next"], at)
        yield from _comparison(rule, at)


def _comparison(rule: JsonObject, location: str) -> Iterator[Diagnostic]:
    if sum(operator in rule for operator in OPERATORS) != 1:
        names = ", ".join(OPERATORS)
        message = f"The object must have only one of the following fields, [{names}]"
        yield Diagnostic(SCHEMA, message, location)
    for field, value in rule.items():
        is_path = field == "Variable" or field.endswith("Path")
        if is_path and isinstance(value, str) and not value.startswith("$"):
            message = "Value is not a Reference Path: Reference path didn't start with '$'"
            yield Diagnostic(SCHEMA, message, f"{location}/{field}")
    nested = [(f"{location}/Not", rule["Not"])] if isinstance(rule.get("Not"), dict) else []
    for operator in ("And", "Or"):
        if rule.get(operator) == []:
            yield Diagnostic(SCHEMA, "Value cannot be empty", f"{location}/{operator}")
        for index, inner in enumerate(items(rule, operator)):
            nested.append((f"{location}/{operator}[{index}]", inner))
    for inner_location, inner in nested:
        if "Next" in inner:
            yield Diagnostic(SCHEMA, "Field 'Next' is not supported", inner_location)
        yield from _comparison(inner, inner_location)


def _paths(state: JsonObject, location: str) -> Iterator[Diagnostic]:
    for field in PATH_FIELDS + TEXT_PATHS:
        value = state.get(field)
        starts = ("$", "States.") if field in TEXT_PATHS else ("$",)
        if isinstance(value, str) and not value.startswith(starts):
            yield Diagnostic(SCHEMA, "Value must be a valid JSONPath.", f"{location}/{field}")
    owners = [(state, location)]
    for index, rule in enumerate(items(state, "Catch")):
        owners.append((rule, f"{location}/Catch[{index}]"))
    for owner, owner_location in owners:
        value = owner.get("ResultPath")
        if isinstance(value, str) and NOT_A_REFERENCE.search(value):
            at = f"{owner_location}/ResultPath"
            yield Diagnostic(SCHEMA, "Value is not a Reference Path", at)


def _templates(state: JsonObject, location: str) -> Iterator[Diagnostic]:
    for field in TEMPLATES:
        yield from _template(state.get(field), f"{location}/{field}")


def _template(value: Any, location: str) -> Iterator[Diagnostic]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _template(item, f"{location}[{index}]")
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        is_path = isinstance(inner, str) and inner.startswith(("$", "States."))
        if key.endswith(".$") and not is_path:
            message = (
                f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic "
                "function call"
            )
            yield Diagnostic(SCHEMA, message, location)
        yield from _template(inner, f"{location}/{key}")


def _resource(state: JsonObject, location: str) -> Iterator[Diagnostic]:
    resource = state.get("Resource")
    if isinstance(resource, str) and not resource.startswith("arn:"):
        message = "Value is not a valid resource ARN"
        yield Diagnostic(SCHEMA, message, f"{location}/Resource")
    credentials = state.get("Credentials")
    if isinstance(credentials, dict) and not credentials.keys() & {"RoleArn", "RoleArn.$"}:
        message = "The field 'RoleArn' is required but was missing"
        yield Diagnostic(SCHEMA, message, f"{location}/Credentials")


def _required_fields(owner: JsonObject, fields: list[str], location: str) -> Iterator[Diagnostic]:
    for field in fields:
        if field not in owner:
            yield Diagnostic(SCHEMA, f"These fields are required: [{field}]", location)
