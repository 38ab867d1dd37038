"""Functions take a while to be created and updated, and refuse requests meanwhile.

https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
"""

from __future__ import annotations

import time
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction

from localaws.json_object import JsonObject
from localaws.pace import Duration
from localaws.server.patching import Account, change


def install(_account: Account) -> None:
    @change(LambdaFunction)
    def __init__(moto: Any, self: Any, *args: Any, **settings: Any) -> None:  # noqa: N807  moto's
        moto(self, *args, **settings)
        self.active_at = self.updated_at = time.time() + Duration.FUNCTION_CREATION.seconds

    @change(LambdaFunction)
    def get_configuration(moto: Any, self: Any, on_create: bool = False) -> JsonObject:
        configuration: JsonObject = moto(self, on_create)
        now = time.time()
        if now < _time(self, "active_at"):
            configuration["State"] = "Pending"
            configuration["StateReason"] = "The function is being created."
            configuration["StateReasonCode"] = "Creating"
        if now < _time(self, "updated_at"):
            configuration["LastUpdateStatus"] = "InProgress"
            configuration["LastUpdateStatusReason"] = "The function is being created."
            configuration["LastUpdateStatusReasonCode"] = "Creating"
        return configuration

    @change(LambdaBackend)
    def update_function_code(
        moto: Any,
        self: Any,
        name: str,
        qualifier: str,
        body: JsonObject,
    ) -> Any:
        _begin_update(self.get_function(name, qualifier))
        return moto(self, name, qualifier, body)

    @change(LambdaBackend)
    def update_function_configuration(
        moto: Any,
        self: Any,
        name: str,
        qualifier: str,
        body: JsonObject,
    ) -> Any:
        _begin_update(self.get_function(name, qualifier))
        return moto(self, name, qualifier, body)


def refuse_pending(function: Any) -> None:
    """Raise ResourceConflictException while the function is being created."""
    if time.time() < _time(function, "active_at"):
        raise _conflict(
            "The operation cannot be performed at this time. "
            "The function is currently in the following state: Pending"
        )


def _begin_update(function: Any) -> None:
    """An update takes effect at once here; only its end is late."""
    refuse_pending(function)
    now = time.time()
    if now < _time(function, "updated_at"):
        raise _conflict(
            "The operation cannot be performed at this time. "
            f"An update is in progress for resource: {function.function_arn}"
        )
    function.updated_at = now + Duration.FUNCTION_UPDATE.seconds


def _time(function: Any, attribute: str) -> float:
    """Zero for a function that an earlier version of the local AWS saved."""
    return float(getattr(function, attribute, 0.0))


def _conflict(message: str) -> Any:
    error: Any = LambdaClientError("ResourceConflictException", message)
    error.code = 409
    return error
