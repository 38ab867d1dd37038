"""sqs:sendMessage: the names and causes of its errors, which moto takes for a lost connection."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sqs import (  # noqa: E501
    StateTaskServiceSqs,
)

from localaws.server.patching import change


@change(StateTaskServiceSqs)
def _from_error(moto: Any, self: Any, env: Any, ex: Exception) -> Any:
    failure = moto(self, env, ex)
    if isinstance(ex, ClientError):
        details = failure.event_details["taskFailedEventDetails"]
        details["error"], details["cause"] = _error(ex)
        failure.error_name = CustomErrorName(details["error"])
    return failure


def _error(error: ClientError) -> tuple[str, str]:
    """The exception of AWS's SDK for Java: of its own class where the service's model has one."""
    answer: Any = error.response
    code = answer["Error"]["Code"]
    metadata = answer["ResponseMetadata"]
    details = [
        "Service: AmazonSQS",
        f"Status Code: {metadata['HTTPStatusCode']}",
        f"Error Code: {code}",
        f"Request ID: {metadata.get('RequestId')}",
        "Proxy: null",
    ]
    kind = type(error).__name__
    name = "AmazonSQSException" if kind == "ClientError" else f"{kind}Exception"
    return f"SQS.{name}", f"{answer['Error']['Message']} ({'; '.join(details)})"
