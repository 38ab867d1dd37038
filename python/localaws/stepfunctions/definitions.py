"""Definitions: read as JSON first, refused where a transition leads nowhere, and validated on request.

Terraform asks for the validation in every plan.
"""

from __future__ import annotations

import json
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser.asl.parse.asl_parser import (
    AmazonStateLanguageParser,
    ASLParserException,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.patching import change, fill
from localaws.stepfunctions import faults


@change(AmazonStateLanguageParser)
def parse(moto: Any, definition: str) -> Any:
    """moto takes names and paths as they are spelt, so that an escape such as \\u003e never means its character."""
    return moto(json.dumps(json.loads(definition), ensure_ascii=False))


@change(StepFunctionsParserBackend)
def _validate_definition(_moto: Any, definition: str) -> None:
    if problems := _problems(definition):
        raise JsonRESTError(
            "InvalidDefinition", f"Invalid State Machine Definition: '{', '.join(problems)}'"
        )


@fill(StepFunctionResponse)
def validate_state_machine_definition(self: Any) -> Any:
    diagnostics = []
    for problem in _problems(self._get_param("definition")):
        code, _, message = problem.partition(": ")
        diagnostics.append({"severity": "ERROR", "code": code, "message": message})
    return ActionResult(
        {"result": "FAIL" if diagnostics else "OK", "diagnostics": diagnostics, "truncated": False}
    )


def _problems(definition: str) -> list[str]:
    try:
        AmazonStateLanguageParser.parse(definition)
    except json.JSONDecodeError as error:
        return [f"INVALID_JSON_DESCRIPTION: {error}"]
    except ASLParserException as error:
        return [f"SCHEMA_VALIDATION_FAILED: {text}" for text in error.errors]
    except Exception as error:  # moto's reader raises whatever stumbles over a wrong field
        return [f"SCHEMA_VALIDATION_FAILED: {error or type(error).__name__}"]
    return list(faults.of_machine(json.loads(definition)))
