"""Requests are checked against their service model before moto carries them out, as on AWS.

A check is compiled with the first request of an operation.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import determine_request_protocol
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model

from localaws.json_object import JsonObject
from localaws.server.constraints import Check, Compiler, message
from localaws.server.patching import change

# The error code of each service for a value that its model refuses. Other services are not checked.
CODES = {
    "application-autoscaling": "ValidationException",
    "cloudwatch": "ValidationError",
    "events": "ValidationException",
    "iam": "ValidationError",
    "lambda": "ValidationException",
    "logs": "InvalidParameterException",
    "resourcegroupstaggingapi": "InvalidParameterException",
    "sagemaker": "ValidationException",
    "sagemaker-runtime": "ValidationError",
    "scheduler": "ValidationException",
    "sns": "InvalidParameter",
    "stepfunctions": "ValidationException",
    "sts": "ValidationError",
}
# Shapes whose values AWS accepts although its model refuses them: docs/localaws.md has the reasons.
EXEMPT = {
    "sagemaker": frozenset({"ProductionVariantContainerStartupHealthCheckTimeoutInSeconds"}),
    "sagemaker-runtime": frozenset({"BodyBlob"}),
}


class Refusal(ServiceException):  # type: ignore[misc]  # moto has no types
    """A request that its model refuses."""


@change(BaseResponse)
def call_action(moto: Any, self: Any) -> Any:
    """Refuse a request that violates its model."""
    service = self.boto3_service_name
    if service not in CODES:
        return moto(self)
    violations = find_violations(self, service)
    if not violations:
        return moto(self)
    error = Refusal(CODES[service], message(violations))
    status, headers, body = self.serialized(ActionResult(error))
    headers["status"] = str(status)
    return status, headers, body


def find_violations(response: Any, service: str) -> list[str]:
    """Return what the request of moto's `response` violates, in AWS's words."""
    action = response._get_action()
    check = compiled_check(service, action) if action else None
    if check is None:
        return []
    found: list[str] = []
    try:
        check(_parameters(response, service, action), "", found)
    except (RequestParserError, AttributeError, TypeError, ValueError):
        return []  # a value of another type, which no SDK sends
    return found


@functools.cache
def compiled_check(service: str, action: str) -> Check | None:
    """Return the check of an operation; None if there is no such one, or nothing to check."""
    model = get_service_model(service)
    if action not in model.operation_names:
        return None
    shape = model.operation_model(action).input_shape
    return _compiler(service).compile(shape) if shape else None


@functools.cache
def _compiler(service: str) -> Compiler:
    return Compiler(EXEMPT.get(service, frozenset()))


def _parameters(response: Any, service: str, action: str) -> JsonObject:
    """Return the request's parameters as the model names them."""
    if response.automated_parameter_parsing:
        parsed: JsonObject = response.params
        return parsed
    request = response.normalized_request
    model = get_service_model(service)
    protocol = determine_request_protocol(model, request.content_type)
    parser = PROTOCOL_PARSERS[protocol](model.operation_model(action))
    parameters: JsonObject = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": response.uri_match,
        }
    )
    return parameters
