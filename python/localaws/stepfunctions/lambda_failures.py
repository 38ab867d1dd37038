"""Functions as the resource of a task: their output as they wrote it, and errors of the service."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, LambdaFunctionFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_lambda
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_lambda,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda import (
    StateTaskLambda,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from localaws.server.patching import change

StateTaskServiceLambda = state_task_service_lambda.StateTaskServiceLambda


@change(state_task_lambda)
def to_json_str(_moto: Any, value: Any) -> str:
    """Events have a function's output as its runtime wrote it: Python's puts spaces between."""
    return json.dumps(value, ensure_ascii=False, default=str)


@change(StateTaskLambda)
def _from_error(moto: Any, self: Any, env: Any, ex: Exception) -> Any:
    if not isinstance(ex, ClientError):
        return moto(self, env, ex)
    error, cause = StateTaskServiceLambda._error_cause_from_client_error(ex)
    details = LambdaFunctionFailedEventDetails(error=error, cause=cause)
    return FailureEvent(
        env=env,
        error_name=CustomErrorName(error),
        event_type=HistoryEventType.LambdaFunctionFailed,
        event_details=EventDetails(lambdaFunctionFailedEventDetails=details),
    )
