"""Calls of functions that Lambda refuses: the error names of the service, in every kind of task."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, LambdaFunctionFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_lambda,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda import (
    StateTaskLambda,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from localaws.server.patching import change

StateTaskServiceLambda = state_task_service_lambda.StateTaskServiceLambda


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
