"""Task tokens: the cause of a failure, and the errors for tokens that are unknown or used."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import EmptyResult
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackEndpoint,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.server.patching import change
from localaws.stepfunctions.api_errors import GONE, api_error


@change(StepFunctionResponse, "send_task_failure")
def pass_on_cause(_moto: Any, self: Any) -> EmptyResult:
    """moto drops the cause."""
    token = self._get_param("taskToken")
    error, cause = self._get_param("error"), self._get_param("cause")
    self.stepfunction_backend.send_task_failure(token, error=error, cause=cause)
    return EmptyResult()


@change(StepFunctionsParserBackend)
def send_task_success(_moto: Any, self: Any, task_token: str, outcome: str) -> None:
    try:
        json.loads(outcome)
    except ValueError as error:
        raise api_error("InvalidOutput", f"Invalid Output: '{error}'") from error
    endpoint = waiting_endpoint(self, task_token)
    endpoint.notify(CallbackOutcomeSuccess(task_token, outcome))


@change(StepFunctionsParserBackend)
def send_task_failure(
    _moto: Any,
    self: Any,
    task_token: str,
    error: str | None = None,
    cause: str | None = None,
) -> None:
    endpoint = waiting_endpoint(self, task_token)
    endpoint.notify(CallbackOutcomeFailure(task_token, error, cause))


@change(StepFunctionsParserBackend)
def send_task_heartbeat(_moto: Any, self: Any, task_token: str) -> None:
    waiting_endpoint(self, task_token).notify_heartbeat()


def waiting_endpoint(backend: Any, token: str) -> CallbackEndpoint:
    """Where the task waits whose token this is.

    Raises:
        AWSError: InvalidToken where there is no such token, TaskTimedOut where its task has ended.
    """
    endpoint = find_endpoint(backend, token)
    if endpoint is None:
        raise api_error("InvalidToken", "Invalid Token: 'Invalid token'")
    # An endpoint is interrupted when its task has ended for whatever reason.
    if endpoint._notify_event.is_set():
        raise api_error("TaskTimedOut", GONE)
    return endpoint


def find_endpoint(backend: Any, token: str) -> CallbackEndpoint | None:
    for execution in backend._get_executions():
        env = execution.exec_worker.env if execution.exec_worker else None
        endpoint: CallbackEndpoint | None = env.callback_pool_manager.get(token) if env else None
        if endpoint is not None:
            if execution.status != "RUNNING":
                endpoint.interrupt_all()
            return endpoint
    return None
