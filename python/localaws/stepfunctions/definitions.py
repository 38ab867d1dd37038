"""Definitions: parsed as JSON, refused where a transition leads nowhere, validated on request.

Terraform requests the validation in every plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.parse.asl_parser import (
    AmazonStateLanguageParser,
    ASLParserException,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.json_object import JsonObject
from localaws.server.patching import change, fill, remember

NO_TRANSITION = {"Choice", "Fail", "Succeed"}


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
    problems = ", ".join(_problems(definition))
    if problems:
        raise JsonRESTError("InvalidDefinition", f"Invalid State Machine Definition: '{problems}'")


@fill(StepFunctionResponse)
def validate_state_machine_definition(self: Any) -> Any:
    diagnostics = []
    for problem in _problems(self._get_param("definition")):
        code, _, message = problem.partition(": ")
        diagnostics.append({"severity": "ERROR", "code": code, "message": message})
    return ActionResult(
        {
            "result": "FAIL" if diagnostics else "OK",
            "diagnostics": diagnostics,
            "truncated": False,
        }
    )


def _problems(definition: str) -> list[str]:
    try:
        AmazonStateLanguageParser.parse(definition)
    except json.JSONDecodeError as error:
        return [f"INVALID_JSON_DESCRIPTION: {error}"]
    except ASLParserException as error:
        return [f"SCHEMA_VALIDATION_FAILED: {text}" for text in error.errors]
    except Exception as error:  # moto's parser raises any exception for a wrong field
        return [f"SCHEMA_VALIDATION_FAILED: {error or type(error).__name__}"]
    return list(transition_faults(json.loads(definition)))


def transition_faults(machine: JsonObject, path: str = "/States") -> Iterator[str]:
    """Faults in AWS's own codes, such as "MISSING_TRANSITION_TARGET: Missing 'Next' target: …"."""
    states = machine["States"]
    start = machine["StartAt"]
    if start not in states:
        yield f"MISSING_TRANSITION_TARGET: Missing 'StartAt' target: {start} at {path}"
    for name, state in states.items():
        state_path = f"{path}/{name}"
        for field_path, target in _transitions(state):
            if target not in states:
                field = field_path.rpartition("/")[2]
                yield (
                    f"MISSING_TRANSITION_TARGET: Missing '{field}' target: {target} "
                    f"at {state_path}/{field_path}"
                )
        if state["Type"] not in NO_TRANSITION and "Next" not in state and not state.get("End"):
            yield f"SCHEMA_VALIDATION_FAILED: Missing 'Next' or 'End' at {state_path}"
        for field_path, inner in _inner_machines(state):
            yield from transition_faults(inner, f"{state_path}/{field_path}/States")


def _transitions(state: JsonObject) -> Iterator[tuple[str, str]]:
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field]
    for rules in ("Choices", "Catch"):
        for index, rule in enumerate(state.get(rules, [])):
            if "Next" in rule:
                yield f"{rules}[{index}]/Next", rule["Next"]


def _inner_machines(state: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for index, branch in enumerate(state.get("Branches", [])):
        yield f"Branches[{index}]", branch
    for field in ("ItemProcessor", "Iterator"):
        if field in state:
            yield field, state[field]
