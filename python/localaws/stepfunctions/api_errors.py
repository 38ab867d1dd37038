"""Errors of the API by name: moto raises these without one, or without the message they need."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import AWSError
from moto.stepfunctions.parser import api
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from localaws.server.patching import change

GONE = "Task Timed Out: 'Provided task does not exist anymore'"


def invalid_input(reason: object) -> AWSError:
    return api_error("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")


def api_error(name: str, message: str) -> AWSError:
    return AWSError(message, exception_type=name)


def name_error(error: AWSError, message: str) -> None:
    """Initialise an error of moto's interpreter, whose class has the name that AWS gives it."""
    AWSError.__init__(error, message, type(error).__name__)


@change(api.InvalidExecutionInput, "__init__")
def name_invalid_input(_moto: Any, self: Any, reason: str) -> None:
    name_error(self, invalid_input(reason).message)


@change(api.MissingRequiredParameter, "__init__")
def name_missing_parameter(_moto: Any, self: Any, message: str) -> None:
    name_error(self, message)


@change(api.ResourceNotFound, "__init__")
def name_missing_resource(_moto: Any, self: Any, message: str = "Resource not found") -> None:
    name_error(self, message)


@change(StepFunctionsParserBackend, "create_state_machine")
def refuse_namesakes(moto: Any, self: Any, name: str, **settings: Any) -> Any:
    """Creation is idempotent; moto returns a state machine of that name with any definition."""
    namesake = self._revision_by_name(name)
    if namesake is None:
        return moto(self, name=name, **settings)
    wanted = {
        "definition": settings["definition"],
        "type": settings.get("sm_type") or "STANDARD",
        "loggingConfiguration": settings.get("loggingConfiguration") or {"level": "OFF"},
        "tracingConfiguration": settings.get("tracingConfiguration") or {"enabled": False},
    }
    if any(getattr(namesake, attribute) != value for attribute, value in wanted.items()):
        raise api_error(
            "StateMachineAlreadyExists", f"State Machine Already Exists: '{namesake.arn}'"
        )
    return namesake
