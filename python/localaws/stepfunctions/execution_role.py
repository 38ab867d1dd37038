"""A state machine acts under its role: its tasks, and the delivery of its log.

Source of the log's actions: "Using CloudWatch Logs to log execution history" in the developer guide
of Step Functions, whose policy lists them for every state machine with logging. Which of them a
request uses is not published: here, creation and update need all of them.
"""

from __future__ import annotations

import threading
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.iam.sessions import NotAssumableError, Session, assume
from localaws.json_object import JsonObject
from localaws.server.patching import change

SERVICE = "states.amazonaws.com"
SESSION = "states"  # AWS's names are random
DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
# Of a role that was deleted after the creation of the state machine: no key is like that.
NO_CREDENTIALS = {
    "aws_access_key_id": "ASIAAAAAAAAAAAAAAAAA",
    "aws_secret_access_key": "none",
    "aws_session_token": "none",
}

_current = threading.local()


def credentials() -> dict[str, str]:
    """Those of the state that this thread runs; {} where the administrator tests one."""
    found: dict[str, str] = getattr(_current, "credentials", {})
    return found


@change(StateTask)
def _eval_state_credentials(moto: Any, self: Any, env: Any) -> Any:
    """A task's own Credentials, or the state machine's."""
    state_credentials = moto(self, env)
    _act_as(env, state_credentials.role_arn)
    return state_credentials


@change(StateMap)
def _eval_execution(moto: Any, self: Any, env: Any) -> None:
    """A map reads its items and writes its results under the role of the state machine."""
    _act_as(env, env.aws_execution_details.role_arn)
    moto(self, env)


def _act_as(env: Any, role_arn: str | None) -> None:
    if not role_arn:
        _current.credentials = {}
        return
    context = env.states.context_object.context_object_data
    machine = context.get("StateMachine") or {}  # none where TestState runs a single state
    try:
        session = _assume(env.aws_execution_details.account, role_arn, machine.get("Id", ""))
    except NotAssumableError:
        _current.credentials = NO_CREDENTIALS
    else:
        _current.credentials = session.credentials()


@change(StepFunctionResponse)
def create_state_machine(moto: Any, self: Any) -> Any:
    _check(self, self._get_param("roleArn"), self._get_param("loggingConfiguration"))
    return moto(self)


@change(StepFunctionResponse)
def update_state_machine(moto: Any, self: Any) -> Any:
    machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    role_arn = self._get_param("roleArn") or machine.roleArn
    _check(self, role_arn, self._get_param("loggingConfiguration"))
    return moto(self)


def _check(response: Any, role_arn: str, logging: JsonObject | None) -> None:
    try:
        session = _assume(response.current_account, role_arn, "")
    except NotAssumableError as error:
        raise JsonRESTError(
            "AccessDeniedException",
            f"Neither the global service principal {SERVICE}, nor the regional one is authorized "
            "to assume the provided role.",
        ) from error
    needed = DELIVERY if (logging or {}).get("destinations") else ()
    denied = [action for action in needed if not session.may(action)]
    if denied:
        raise JsonRESTError(
            "AccessDeniedException",
            "The state machine IAM Role is not authorized to access the Log Destination",
        )


def _assume(account_id: str, role_arn: str, machine: str) -> Session:
    return assume(account_id, role_arn, SERVICE, SESSION, source_arn=machine)
