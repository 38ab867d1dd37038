"""Executions: a name of their own, the limit of their input, why they were stopped, and an output that is JSON."""

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
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.server.patching import change
from localaws.stepfunctions import status_changes

INPUT_LIMIT = 262_144  # bytes of UTF-8

log = logging.getLogger(__name__)
settling = threading.Lock()


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


@change(StepFunctionResponse)
def stop_execution(_moto: Any, self: Any) -> Any:
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    now = datetime.now(UTC)
    if execution.status == "RUNNING":
        execution.error, execution.cause = self._get_param("error"), self._get_param("cause")
        execution.stop(stop_date=now, error=execution.error, cause=execution.cause)
    return ActionResult({"stopDate": execution.stop_date or now})


@change(ExecutionWorker)
def stop(moto: Any, self: Any, **why: Any) -> None:
    while self.env is None:  # its thread has not begun yet
        time.sleep(0.001)
    moto(self, **why)


@change(ExecutionWorker)
def _execution_logic(moto: Any, self: Any) -> None:
    try:
        moto(self)
    except Exception as error:  # outside of the program itself, where moto would leave the execution running for ever
        log.exception("An execution broke")
        execution = self._execution_communication.execution
        execution.error, execution.cause = "States.Runtime", repr(error)
        execution.stop_date, execution.exec_status = datetime.now(UTC), ExecutionStatus.FAILED
        status_changes.ended(execution)


@change(BaseExecutionWorkerCommunication)
def _reflect_execution_status(moto: Any, self: Any) -> None:
    with (
        settling
    ):  # moto sets the status first: who asked in between saw an end without output or error
        moto(self)


@change(StepFunctionResponse)
def describe_execution(moto: Any, self: Any) -> Any:
    with settling:
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        answer = moto(self)
    if execution.stop_date:
        answer.result["stopDate"] = execution.stop_date
    if execution.status == "SUCCEEDED":
        answer.result["output"] = to_json_str(execution.output, separators=(",", ":"))
    return answer


@change(StepFunctionResponse)
def get_execution_history(_moto: Any, self: Any) -> Any:
    events = list(
        self.stepfunction_backend.get_execution_history(self._get_param("executionArn"))["events"]
    )
    if self._get_param("reverseOrder"):
        events.reverse()
    first = int(self._get_param("nextToken") or 0)
    last = first + int(self._get_param("maxResults") or 1000)
    return ActionResult(
        {"events": events[first:last], "nextToken": str(last) if last < len(events) else None}
    )
