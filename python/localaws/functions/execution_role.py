"""A function acts under its execution role, in a session that is named after the function."""

from __future__ import annotations

from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction

from localaws.iam.sessions import NotAssumableError, Session, assume, trusting_role
from localaws.json_object import JsonObject
from localaws.server.patching import change

SERVICE = "lambda.amazonaws.com"
NOT_ASSUMABLE = "The role defined for the function cannot be assumed by Lambda."


def assume_role(account_id: str, role_arn: str, name: str, arn: str) -> Session:
    """Raises NotAssumableError."""
    return assume(account_id, role_arn, SERVICE, name, source_arn=arn)


@change(LambdaBackend)
def create_function(moto: Any, self: Any, spec: JsonObject) -> Any:
    _check(self.account_id, spec["Role"])
    return moto(self, spec)


@change(LambdaFunction)
def update_configuration(moto: Any, self: Any, config_updates: JsonObject) -> Any:
    if "Role" in config_updates:
        _check(self.account_id, config_updates["Role"])
    return moto(self, config_updates)


def _check(account_id: str, role_arn: str) -> None:
    try:
        trusting_role(account_id, role_arn, SERVICE)
    except NotAssumableError as error:
        raise LambdaClientError("InvalidParameterValueException", NOT_ASSUMABLE) from error
