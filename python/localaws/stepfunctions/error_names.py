"""Names of errors: those that a branch or an iteration failed with, and what a name stands for.

Source: docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import (
    ErrorEqualsDecl,
)
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName

from localaws.server.patching import change

RUNTIME = "States.Runtime"
NOT_ALL = {RUNTIME, "States.DataLimitExceeded"}  # these must be named
NOT_TASK_FAILED = NOT_ALL | {"States.Timeout"}


@change(CustomErrorName, "__init__")
def accept_every_name(_moto: Any, self: Any, error_name: str | None) -> None:
    """moto refuses names of AWS, which a branch or an iteration may well have failed with."""
    ErrorName.__init__(self, error_name=error_name)


@change(ErrorEqualsDecl)
def _eval_body(_moto: Any, self: Any, env: Any) -> None:
    error_name = env.stack.pop()
    name = error_name.error_name if error_name else None
    env.stack.append(matches([listed.error_name for listed in self.error_names], name))


def matches(listed: list[str], name: str | None) -> bool:
    """Whether the "ErrorEquals" of a retrier or catcher holds for an error."""
    if name in listed:
        return True
    if "States.ALL" in listed:
        return name not in NOT_ALL
    return "States.TaskFailed" in listed and name not in NOT_TASK_FAILED
