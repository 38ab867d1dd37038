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
from localaws.sagemaker import capture
from localaws.sagemaker.capture import Exchange
from localaws.sagemaker.fleets import Answer, Fleet, OverloadedError, VariantServer
from localaws.server import objects
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
    sent = time.perf_counter()
    answer = server.invoke(body, content_type, headers.get("Accept") or "*/*")
    model_seconds = time.perf_counter() - sent
    if 0 < answer.status < 400:
        inference_id = headers.get("X-Amzn-SageMaker-Inference-Id")
        answer_type = answer.content_type
        _capture(
            fleet,
            server,
            Exchange(content_type, body, answer_type, answer.body, inference_id, at),
        )
        answer_headers = {
            "Content-Type": answer_type,
            "x-Amzn-Invoked-Production-Variant": server.name,
        }
        response = 200, answer_headers, answer.body
    else:
        response = _model_error(fleet, answer)
    overhead_seconds = time.perf_counter() - started - model_seconds
    _put_metrics(fleet, server, answer, at.timestamp(), model_seconds, overhead_seconds)
    return response


def _put_metrics(
    fleet: Fleet,
    server: VariantServer,
    answer: Answer,
    at: float,
    model_seconds: float,
    overhead_seconds: float,
) -> None:
    """Each kind of error counts as 0 or 1; a model that does not answer counts as a 5XX."""
    refused = 400 <= answer.status < 500
    failed = answer.status >= 500 or answer.status == 0
    values: dict[str, dict[str, float]] = {
        "Count": {
            "Invocations": 1,
            "Invocation4XXErrors": refused,
            "Invocation5XXErrors": failed,
            "InvocationModelErrors": refused or failed,
        },
        "Microseconds": {
            "ModelLatency": model_seconds * 1e6,
            "OverheadLatency": overhead_seconds * 1e6,
        },
    }
    plan = fleet.plan
    dimensions = {"EndpointName": plan.endpoint, "VariantName": server.name}
    for unit in values:
        metrics.put(
            plan.account_id,
            plan.region,
            "AWS/SageMaker",
            dimensions,
            values[unit],
            unit,
            at,
        )


def _capture(fleet: Fleet, server: VariantServer, exchange: Exchange) -> None:
    """A record that cannot be written does not affect the answer."""
    plan = fleet.plan
    if not capture.is_sampled(plan.capture):
        return
    try:
        capture.write(plan.account_id, plan.capture, plan.endpoint, server.name, exchange)
    except objects.MissingError as error:
        server.log.write(f"Data capture failed: there is no bucket for {error}")


def _model_error(fleet: Fleet, answer: Answer) -> Response:
    plan = fleet.plan
    text = answer.body.decode(errors="replace")
    side = "client" if 400 <= answer.status < 500 else "server"
    console = f"https://{plan.region}.console.aws.amazon.com/cloudwatch/home?region={plan.region}"
    message = (
        f'Received {side} error ({answer.status}) from primary with message "{text}". '
        f"See {console}#logEventViewer:group={plan.log_group} "
        f"in account {plan.account_id} for more information."
    )
    log_group = f"arn:aws:logs:{plan.region}:{plan.account_id}:log-group:{plan.log_group}"
    return _error(
        424,
        "ModelError",
        message,
        ErrorCode=f"{side.upper()}_ERROR_FROM_MODEL",
        LogStreamArn=log_group,
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
