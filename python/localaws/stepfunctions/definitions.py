"""Definitions: parsed as JSON, and refused with AWS's codes where AWS refuses them.

Terraform requests the validation in every plan.
"""

from __future__ import annotations

import json
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.parse.asl_parser import (
    AmazonStateLanguageParser,
    ASLParserException,
)
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.json_object import JsonObject
from localaws.server.patching import change, fill, remember
from localaws.stepfunctions import (
    express_limits,
    state_fields,
    state_rules,
    transitions,
    unsupported,
)
from localaws.stepfunctions.diagnostics import SCHEMA, Diagnostic


@change(Preprocessor, "__init__")
def start_without_scopes(moto: Any, self: Any) -> None:
    """moto keeps the query languages of all definitions in one list.

    A definition that it refuses half-way would leave its own there, for every later one.
    """
    moto(self)
    self._query_language_per_scope = []


@change(AmazonStateLanguageParser)
def parse(moto: Any, definition: str) -> Any:
    """moto uses names and paths as spelled, so an escape such as \\u003e is not its character."""
    return moto(json.dumps(json.loads(definition), ensure_ascii=False))


# moto parses the definition in every execution, which takes longer than all the rest of it.
remember(AmazonStateLanguageParser, "parse")


@change(EvalComponent)
def heap_key(_moto: Any, self: Any) -> str:
    """The key of a part of a definition among an execution's values.

    moto draws it when it is first asked for, where two executions would draw two.
    """
    return str(id(self))


@change(StepFunctionsParserBackend)
def _validate_definition(_moto: Any, definition: str) -> None:
    _refuse(diagnose(definition))


@change(StepFunctionsParserBackend)
def create_state_machine(moto: Any, self: Any, name: str, definition: str, **settings: Any) -> Any:
    if settings.get("sm_type") == "EXPRESS":
        _refuse(diagnose(definition, "EXPRESS"))
    return moto(self, name=name, definition=definition, **settings)


@change(StepFunctionsParserBackend)
def update_state_machine(
    moto: Any, self: Any, arn: str, definition: str | None = None, *args: Any, **settings: Any
) -> Any:
    if definition and self.describe_state_machine(arn).type == "EXPRESS":
        _refuse(diagnose(definition, "EXPRESS"))
    return moto(self, arn, definition, *args, **settings)


@fill(StepFunctionResponse)
def validate_state_machine_definition(self: Any) -> Any:
    found = diagnose(self._get_param("definition"), self._get_param("type") or "STANDARD")
    diagnostics = []
    for problem in found:
        diagnostic = {"severity": "ERROR", "code": problem.code, "message": problem.message}
        if problem.location:
            diagnostic["location"] = problem.location
        diagnostics.append(diagnostic)
    return ActionResult(
        {
            "result": "FAIL" if diagnostics else "OK",
            "diagnostics": diagnostics,
            "truncated": False,
        }
    )


def diagnose(definition: str, machine_type: str = "STANDARD") -> list[Diagnostic]:
    """What AWS, or else moto's parser, finds wrong with a definition."""
    try:
        content = json.loads(definition)
    except json.JSONDecodeError as error:
        return [Diagnostic("INVALID_JSON_DESCRIPTION", str(error))]
    if not isinstance(content, dict):
        return [Diagnostic("INVALID_JSON_DESCRIPTION", "The definition is not a JSON object.")]
    return rule_faults(content, machine_type) or _parser_faults(definition)


def rule_faults(definition: JsonObject, machine_type: str = "STANDARD") -> list[Diagnostic]:
    """Where states lead is only looked at where each of them is sound."""
    faults = list(unsupported.diagnose(definition))
    if not faults:
        faults += state_fields.diagnose(definition)
        faults += state_rules.diagnose(definition)
        if machine_type == "EXPRESS":
            faults += express_limits.diagnose(definition)
    return faults or list(transitions.diagnose(definition))


def _parser_faults(definition: str) -> list[Diagnostic]:
    try:
        AmazonStateLanguageParser.parse(definition)
    except ASLParserException as error:
        return [Diagnostic(SCHEMA, text) for text in error.errors]
    except Exception as error:  # moto's parser raises any exception for a wrong field
        return [Diagnostic(SCHEMA, str(error) or type(error).__name__)]
    return []


def _refuse(faults: list[Diagnostic]) -> None:
    if faults:
        text = ", ".join(str(fault) for fault in faults)
        raise JsonRESTError("InvalidDefinition", f"Invalid State Machine Definition: '{text}'")
