"""Logging of state machines: one destination, with a level that AWS knows.

Source: docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html
"""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from localaws.json_object import JsonObject
from localaws.server.patching import change

ONE_DESTINATION = "Must specify exactly one Log Destination."


@change(StepFunctionsParserBackend, "create_state_machine")
def check_new_settings(moto: Any, self: Any, name: str, definition: str, **settings: Any) -> Any:
    check(settings.get("loggingConfiguration"))
    return moto(self, name=name, definition=definition, **settings)


@change(StepFunctionsParserBackend, "update_state_machine")
def check_changed_settings(moto: Any, self: Any, arn: str, *args: Any, **settings: Any) -> Any:
    check(settings.get("logging_configuration"))
    return moto(self, arn, *args, **settings)


def check(configuration: JsonObject | None) -> None:
    if configuration is None:
        return
    destinations = configuration.get("destinations") or []
    is_on = configuration.get("level", "OFF") != "OFF"
    if len(destinations) > 1 or (is_on and not destinations):
        _refuse(ONE_DESTINATION)
    for destination in destinations:
        arn = (destination.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn") or ""
        if not arn.startswith("arn:") or ":logs:" not in arn or not arn.endswith(":*"):
            _refuse("The Log Destination must be the ARN of a log group, which ends with :*.")


def _refuse(problem: str) -> None:
    raise JsonRESTError("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {problem}")
