"""InvokeEndpoint: the bytes of a request to the model and back, with SageMaker's errors."""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.sagemaker.models import FakeEndpoint
from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from localaws.cloudwatch import metrics
from localaws.iam.decisions import AccessDeniedError
from localaws.pace import Duration
from localaws.sagemaker import capture
from localaws.sagemaker.capture import Exchange
from localaws.sagemaker.fleets import Fleet, OverloadedError
from localaws.sagemaker.variant_server import CUSTOM_ATTRIBUTES, Answer, Plan, VariantServer
from localaws.server import objects
from localaws.server.later import later
from localaws.server.patching import change

PAYLOAD_BYTES = 25 * 1024 * 1024

Response = tuple[int, dict[str, str], bytes]


def install(find_fleet: Callable[[str], Fleet | None]) -> None:
    """`find_fleet` returns the fleet that serves the endpoint with an ARN."""
    SageMakerRuntimeResponse.use_raw_body = True  # moto would read an image as UTF-8

    @change(SageMakerRuntimeResponse)
    def invoke_endpoint(_moto: Any, self: Any) -> Response:
        name = urllib.parse.unquote(self.path.split("/")[2])
        body: bytes = self.body or b""
        if len(body) > PAYLOAD_BYTES:
            return _validation_error(
                f"The payload of {len(body)} bytes exceeds {PAYLOAD_BYTES} bytes."
            )
        arn = FakeEndpoint.arn_formatter(name, self.current_account, self.region)
        try:
            while fleet := find_fleet(arn):
                with fleet.invocation() as alive:
                    if alive:  # otherwise it was replaced just now
                        return _invoke(fleet, body, self.headers)
        except OverloadedError:
            message = f"Endpoint {name} has too many invocations under way."
            return _error(503, "ServiceUnavailable", message)
        return _validation_error(f"Endpoint {name} of account {self.current_account} not found.")


def _invoke(fleet: Fleet, body: bytes, headers: Any) -> Response:
    started = time.perf_counter()
    at = datetime.now(UTC)
    target = headers.get("X-Amzn-SageMaker-Target-Variant")
    server = fleet.choose(target)
    if server is None:
        return _validation_error(f"Variant {target} not found for endpoint {fleet.plan.endpoint}.")
    content_type = headers.get("Content-Type") or "application/octet-stream"
    accept = headers.get("Accept") or "*/*"
    sent_attributes = headers.get(CUSTOM_ATTRIBUTES)
    sent = time.perf_counter()
    answer = server.invoke(body, content_type, accept, sent_attributes)
    model_seconds = time.perf_counter() - sent
    if 0 < answer.status < 400:
        attributes = [text for text in (sent_attributes, answer.custom_attributes) if text]
        exchange = Exchange(
            content_type,
            body,
            answer.content_type,
            answer.body,
            headers.get("X-Amzn-SageMaker-Inference-Id"),
            at,
            tuple(attributes),
        )
        _capture(fleet.plan, server, exchange)
        answer_headers = {
            "Content-Type": answer.content_type,
            "x-Amzn-Invoked-Production-Variant": server.name,
        }
        if answer.custom_attributes:
            answer_headers[CUSTOM_ATTRIBUTES] = answer.custom_attributes
        response = 200, answer_headers, answer.body
    else:
        response = _model_error(fleet.plan, answer)
    latencies = {
        "ModelLatency": model_seconds * 1e6,
        "OverheadLatency": (time.perf_counter() - started - model_seconds) * 1e6,
    }
    _put(fleet.plan, server, latencies, "Microseconds", at)
    _put(fleet.plan, server, _counts(answer.status), "Count", at)
    return response


def _counts(status: int) -> dict[str, float]:
    """Each kind of error counts as 0 or 1; a model that does not answer counts as a 5XX."""
    refused = 400 <= status < 500
    failed = status >= 500 or status == 0
    return {
        "Invocations": 1,
        "Invocation4XXErrors": refused,
        "Invocation5XXErrors": failed,
        "InvocationModelErrors": refused or failed,
    }


def _put(
    plan: Plan,
    server: VariantServer,
    values: dict[str, float],
    unit: str,
    at: datetime,
) -> None:
    metrics.put(
        plan.account_id,
        plan.region,
        "AWS/SageMaker",
        {"EndpointName": plan.endpoint, "VariantName": server.name},
        values,
        unit,
        at.timestamp(),
    )


def _capture(plan: Plan, server: VariantServer, exchange: Exchange) -> None:
    """A record that cannot be written does not affect the answer."""
    if not capture.is_sampled(plan.capture):
        return

    def write() -> None:
        try:
            capture.write(server.session, plan.capture, plan.endpoint, server.name, exchange)
        except objects.MissingError as error:
            server.log.write(f"Data capture failed: there is no bucket for {error}")
        except AccessDeniedError as error:
            server.log.write(f"Data capture failed: {error}")

    later(Duration.CAPTURE.seconds, write)


def _model_error(plan: Plan, answer: Answer) -> Response:
    text = answer.body.decode(errors="replace")
    side = "client" if 400 <= answer.status < 500 else "server"
    console = f"https://{plan.region}.console.aws.amazon.com/cloudwatch/home?region={plan.region}"
    message = (
        f'Received {side} error ({answer.status}) from primary with message "{text}". '
        f"See {console}#logEventViewer:group={plan.log_group} "
        f"in account {plan.account_id} for more information."
    )
    return _error(
        424,
        "ModelError",
        message,
        ErrorCode=f"{side.upper()}_ERROR_FROM_MODEL",
        LogStreamArn=f"arn:aws:logs:{plan.region}:{plan.account_id}:log-group:{plan.log_group}",
        OriginalMessage=text,
        OriginalStatusCode=answer.status,
    )


def _validation_error(message: str) -> Response:
    return _error(400, "ValidationError", message)


def _error(status: int, kind: str, message: str, **details: Any) -> Response:
    headers = {
        "Content-Type": "application/json",
        "x-amzn-errortype": kind,
        "status": str(status),  # where moto looks for it
    }
    return status, headers, json.dumps({"Message": message, **details}).encode()
