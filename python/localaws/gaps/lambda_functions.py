"""Lambda: the settings of a function that moto forgets, at its creation or at the next update."""

from __future__ import annotations

import copy
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaBackend, LambdaFunction

from localaws.json_object import JsonObject
from localaws.server.patching import change, fill


@change(LambdaFunction, "__init__")
def keep_settings(
    moto: Any,
    self: Any,
    account_id: str,
    spec: JsonObject,
    region: str,
    version: str | int = 1,
) -> None:
    moto(self, account_id, spec, region, version)
    self.dead_letter_config = spec.get("DeadLetterConfig") or {}
    _set_logging(self, spec.get("LoggingConfig") or {})


@change(LambdaFunction)
def get_configuration(moto: Any, self: Any, on_create: bool = False) -> JsonObject:
    configuration: JsonObject = moto(self, on_create)
    configuration["LoggingConfig"] = self.logging_config
    if self.dead_letter_config:
        configuration["DeadLetterConfig"] = self.dead_letter_config
    return configuration


@change(LambdaFunction)
def update_configuration(moto: Any, self: Any, config_updates: JsonObject) -> Any:
    for setting, value in config_updates.items():
        match setting:
            case "DeadLetterConfig":
                self.dead_letter_config = value
            case "LoggingConfig":
                _set_logging(self, value)
            case "TracingConfig":
                self.tracing_config = value
            case "EphemeralStorage":
                self.ephemeral_storage = value["Size"]
            case "KMSKeyArn":
                self.kms_key_arn = value
    return moto(self, config_updates)


@change(LambdaBackend)
def put_function_event_invoke_config(
    moto: Any,
    self: Any,
    function_name: str,
    config: JsonObject,
) -> Any:
    """Replace the configuration; moto appends another one and uses the first."""
    self.get_function(function_name).event_invoke_config.clear()
    return moto(self, function_name, config)


@change(LambdaBackend)
def invoke(moto: Any, self: Any, function_name: str, qualifier: str | None, *request: Any) -> Any:
    """An unknown function is reported with the version that was called."""
    try:
        return moto(self, function_name, qualifier, *request)
    except UnknownFunctionException as error:
        arn = error.message.removeprefix("Function not found: ")
        version = f":{qualifier or '$LATEST'}"
        raise UnknownFunctionException(arn.removesuffix(version) + version) from error


@fill(LambdaFunction)
def __deepcopy__(self: Any, _memo: dict[int, Any]) -> Any:  # noqa: N807 - the copy module's name
    """moto lists deep copies of functions.

    Each would copy every log of the account, while other threads write them.
    """
    return copy.copy(self)


def _set_logging(function: Any, settings: JsonObject) -> None:
    logging_config = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"}
    for setting, value in settings.items():
        if value:
            logging_config[setting] = value
    function.logging_config = logging_config
    function.logs_group_name = logging_config["LogGroup"]
