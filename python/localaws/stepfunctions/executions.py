"""Executions: default names, the limit of their input, how they end, and their history in pages."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.server.patching import change
from localaws.stepfunctions import status_changes

INPUT_LIMIT = 262_144  # bytes of UTF-8
START_SECONDS = 1.0
HISTORY_PAGE = 1000  # events in an answer, unless the request sets another number

log = logging.getLogger(__name__)
ending = threading.Lock()


@change(StepFunctionsParserBackend)
def start_execution(
    moto: Any,
    self: Any,
    state_machine_arn: str,
    name: str | None = None,
    execution_input: str | None = None,
    trace_header: str | None = None,
) -> Any:
    if name:
        self._validate_name(name)
    if len((execution_input or "").encode()) > INPUT_LIMIT:
        raise JsonRESTError(
            "ValidationException",
            "1 validation error detected: Value at 'input' failed to satisfy constraint: "
            f"Member must have length less than or equal to {INPUT_LIMIT}",
        )
    return moto(self, state_machine_arn, name or str(uuid.uuid4()), execution_input, trace_header)


@change(Execution)
def status(_moto: Any, self: Any) -> str:
    """moto lists an execution before it starts it; until then, the list could not be read."""
    return str((self.exec_status or ExecutionStatus.RUNNING).value)


@change(StepFunctionResponse)
def stop_execution(_moto: Any, self: Any) -> Any:
    execution = _execution(self)
    now = datetime.now(UTC)
    if execution.status == "RUNNING":
        _wait_for_start(execution)
        execution.error = self._get_param("error")
        execution.cause = self._get_param("cause")
        execution.stop(stop_date=now, error=execution.error, cause=execution.cause)
    return ActionResult({"stopDate": execution.stop_date or now})


@change(ExecutionWorker)
def stop(moto: Any, self: Any, **reason: Any) -> None:
    while self.env is None:  # its thread has not started yet
        time.sleep(0.001)
    moto(self, **reason)


@change(ExecutionWorker)
def _execution_logic(moto: Any, self: Any) -> None:
    """End the execution after an error outside of the program; in moto it would run for ever."""
    try:
        moto(self)
    except Exception as error:
        end_broken(self._execution_communication.execution, error)


def end_broken(execution: Any, error: Exception) -> None:
    log.error("An execution broke", exc_info=error)
    execution.error = "States.Runtime"
    execution.cause = repr(error)
    execution.stop_date = datetime.now(UTC)
    execution.exec_status = ExecutionStatus.FAILED
    status_changes.publish_end(execution)


@change(BaseExecutionWorkerCommunication)
def _reflect_execution_status(moto: Any, self: Any) -> None:
    """moto sets the status first: a client could see an end without output or error."""
    with ending:
        moto(self)


@change(StepFunctionResponse)
def get_execution_history(_moto: Any, self: Any) -> Any:
    history = self.stepfunction_backend.get_execution_history(self._get_param("executionArn"))
    events = list(history["events"])
    if self._get_param("reverseOrder"):
        events.reverse()
    start = int(self._get_param("nextToken") or 0)
    end = start + int(self._get_param("maxResults") or HISTORY_PAGE)
    next_token = str(end) if end < len(events) else None
    return ActionResult({"events": events[start:end], "nextToken": next_token})


def _wait_for_start(execution: Any) -> None:
    deadline = time.monotonic() + START_SECONDS
    while execution.exec_worker is None and time.monotonic() < deadline:
        time.sleep(0.001)


def _execution(response: Any) -> Any:
    return response.stepfunction_backend.describe_execution(response._get_param("executionArn"))
