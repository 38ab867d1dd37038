"""Errors of a map run, as a state's error and in the event MapRunFailed; and its calls of S3."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, MapRunFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.credentials import (
    StateCredentials,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for


def map_failure(env: Any, error: StatesErrorNameType, cause: str) -> FailureEventException:
    details = MapRunFailedEventDetails(error=error.to_name(), cause=cause)
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=StatesErrorName(typ=error),
            event_type=HistoryEventType.MapRunFailed,
            event_details=EventDetails(mapRunFailedEventDetails=details),
        )
    )


def reader_failure(env: Any, cause: str) -> FailureEventException:
    return map_failure(env, StatesErrorNameType.StatesItemReaderFailed, cause)


def s3_client(env: Any) -> Any:
    """A client that acts as the state machine's role."""
    execution = env.aws_execution_details
    credentials = StateCredentials(role_arn=execution.role_arn)
    return boto_client_for(region=execution.region, service="s3", state_credentials=credentials)


def s3_cause(error: ClientError) -> str:
    """An answer of S3 in the words of the SDK that Step Functions uses."""
    answer: Any = error.response
    metadata = answer["ResponseMetadata"]
    details = [
        "Service: S3",
        f"Status Code: {metadata['HTTPStatusCode']}",
        f"Request ID: {metadata.get('RequestId')}",
    ]
    return f"{answer['Error']['Message']} ({', '.join(details)})"
