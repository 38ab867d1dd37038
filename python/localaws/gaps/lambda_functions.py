"""Lambda: the settings of a function that moto drops, at creation or at the next update."""

from __future__ import annotations

import copy
from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaFunction

from localaws.server.patching import change, fill


@change(LambdaFunction, "__init__")
def keep_settings(
    moto: Any, self: Any, account_id: str, spec: dict[str, Any], region: str, version: str | int = 1
) -> None:
    moto(self, account_id, spec, region, version)
    self.dead_letter_config = spec.get("DeadLetterConfig") or {}
    _set_logging(self, spec.get("LoggingConfig") or {})


@change(LambdaFunction)
def get_configuration(moto: Any, self: Any, on_create: bool = False) -> dict[str, Any]:
    configuration = {**moto(self, on_create), "LoggingConfig": self.logging_config}
    if self.dead_letter_config:
        configuration["DeadLetterConfig"] = self.dead_letter_config
    return configuration


@change(LambdaFunction)
def update_configuration(moto: Any, self: Any, config_updates: dict[str, Any]) -> Any:
    if "DeadLetterConfig" in config_updates:
        self.dead_letter_config = config_updates["DeadLetterConfig"]
    if "LoggingConfig" in config_updates:
        _set_logging(self, config_updates["LoggingConfig"])
    if "TracingConfig" in config_updates:
        self.tracing_config = config_updates["TracingConfig"]
    if "EphemeralStorage" in config_updates:
        self.ephemeral_storage = config_updates["EphemeralStorage"]["Size"]
    if "KMSKeyArn" in config_updates:
        self.kms_key_arn = config_updates["KMSKeyArn"]
    return moto(self, config_updates)


@change(LambdaBackend)
def put_function_event_invoke_config(
    moto: Any, self: Any, function_name: str, config: dict[str, Any]
) -> Any:
    self.get_function(
        function_name
    ).event_invoke_config.clear()  # moto appends, and the first one answers for ever
    return moto(self, function_name, config)


@fill(LambdaFunction)
def __deepcopy__(self: Any, _memo: dict[int, Any]) -> Any:  # noqa: N807 - the copy module asks for it
    """moto lists copies of functions: with each one it would copy every log of the account, while others write them."""
    return copy.copy(self)


def _set_logging(function: Any, wanted: dict[str, Any]) -> None:
    default = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"}
    function.logging_config = {**default, **{key: value for key, value in wanted.items() if value}}
    function.logs_group_name = function.logging_config["LogGroup"]
