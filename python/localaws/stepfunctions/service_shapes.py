"""Requests and results of tasks: Step Functions writes every member with a capital letter.

Services have names of their own ("stateMachineArn", "MD5OfMessageBody"). moto leaves out the
conversion. Dates are ISO text in results of SDK calls, as those of AWS's SDK for Java 2, and
milliseconds in those of optimised integrations.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.response import StreamingBody
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (  # noqa: E501
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (  # noqa: E501
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from localaws.json_object import JsonObject
from localaws.server.patching import change

FormatDate = Callable[[datetime], Any]
INTEGRATED_WITHOUT_MODEL = {"apigateway"}  # its requests are no API calls


@change(StateTaskService)
def _normalise_parameters(
    _moto: Any,
    self: Any,
    parameters: JsonObject,
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    operation = _operation_of(self, boto_service_name, service_action_name)
    if operation and operation.input_shape:
        _rename_in_place(parameters, to_service(parameters, operation.input_shape))


@change(StateTaskService)
def _normalise_response(
    _moto: Any,
    self: Any,
    response: Any,
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    operation = _operation_of(self, boto_service_name, service_action_name)
    if operation and operation.output_shape and isinstance(response, dict):
        is_sdk_call = isinstance(self, StateTaskServiceAwsSdk)
        format_date = iso_instant if is_sdk_call else milliseconds
        result = to_states(response, operation.output_shape, format_date)
        _rename_in_place(response, result if is_sdk_call else dict(sorted(result.items())))


def _operation_of(
    task: Any, boto_service_name: str | None, action_name: str | None
) -> OperationModel | None:
    service = task._get_boto_service_name(boto_service_name)
    if service in INTEGRATED_WITHOUT_MODEL and not isinstance(task, StateTaskServiceAwsSdk):
        return None
    return _operation(service, action_name or task.resource.api_action)


@functools.cache
def _operation(service: str, action: str) -> OperationModel | None:
    """The model of an action such as "startExecution" or "start_execution", if there is one."""
    try:
        model = botocore.session.get_session().get_service_model(service)
    except botocore.exceptions.UnknownServiceError:
        return None
    wanted = action.replace("_", "").lower()
    for name in model.operation_names:
        if name.lower() == wanted:
            return model.operation_model(name)
    return None


def to_service(value: Any, shape: Shape) -> Any:
    """A value as botocore takes it: the service's own names, and text where it wants text."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        names = {member.lower(): str(member) for member in shape.members}
        request = {}
        for key, inner in value.items():
            name = str(names.get(key.lower(), key))
            member = shape.members.get(name)
            request[name] = to_service(inner, member) if member else inner
        return request
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_service(inner, shape.member) for inner in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: to_service(inner, shape.value) for key, inner in value.items()}
    if shape.type_name == "string" and isinstance(value, dict | list):
        return to_json_str(value)
    if shape.type_name == "blob" and not isinstance(value, bytes):
        return to_json_str(value).encode()  # also of text, which gets quotation marks
    return value


def to_states(value: Any, shape: Shape, format_date: FormatDate) -> Any:
    """A value as a task's result has it."""
    if isinstance(value, StreamingBody):
        return _text(value.read())
    if isinstance(value, bytes | bytearray):
        return _text(bytes(value))
    if isinstance(value, datetime):
        return format_date(value)
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        result = {}
        for key, inner in value.items():
            member = shape.members.get(key)
            name = key[:1].upper() + key[1:]
            result[name] = to_states(inner, member, format_date) if member else inner
        return result
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_states(inner, shape.member, format_date) for inner in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: to_states(inner, shape.value, format_date) for key, inner in value.items()}
    return value


def iso_instant(at: datetime) -> str:
    """A date as Java's Instant writes it: without a fraction where there is none."""
    moment = at.astimezone(UTC)
    precision = "milliseconds" if moment.microsecond >= 1000 else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return base64.b64encode(content).decode()


def _rename_in_place(target: JsonObject, source: JsonObject) -> None:
    target.clear()
    target.update(source)
