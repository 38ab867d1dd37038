"""InvokeEndpoint: the bytes of a request to the model and back, with the service's errors and limits."""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.sagemaker.models import FakeEndpoint
from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from localaws.cloudwatch import metrics
from localaws.sagemaker import capture
from localaws.sagemaker.capture import Exchange
from localaws.sagemaker.fleets import Answer, Fleet, ModelServer, OverloadedError
from localaws.server import objects
from localaws.server.patching import change

PAYLOAD_BYTES = 25 * 1024 * 1024

Response = tuple[int, dict[str, str], bytes]


@dataclass
class Timing:
    """How long the model took from `at`, in seconds since the epoch, and its status; 0 where it did not answer."""

    at: float
    seconds: float = 0.0
    status: int = 0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._began


def install(serving: Callable[[str], Fleet | None]) -> None:
    SageMakerRuntimeResponse.use_raw_body = True  # moto would read an image as UTF-8

    @change(SageMakerRuntimeResponse)
    def invoke_endpoint(_moto: Any, self: Any) -> Response:
        name = urllib.parse.unquote(self.path.split("/")[2])
        body: bytes = self.body or b""
        if len(body) > PAYLOAD_BYTES:
            return _error(
                400,
                "ValidationError",
                f"The payload of {len(body)} bytes exceeds {PAYLOAD_BYTES} bytes.",
            )
        arn = FakeEndpoint.arn_formatter(name, self.current_account, self.region)
        try:
            while fleet := serving(arn):
                with fleet.invocation() as alive:
                    if alive:  # else it was replaced just now
                        return _measured(fleet, body, self.headers)
        except OverloadedError:
            return _error(
                503, "ServiceUnavailable", f"Endpoint {name} has too many invocations under way."
            )
        return _error(
            400, "ValidationError", f"Endpoint {name} of account {self.current_account} not found."
        )


def _measured(fleet: Fleet, body: bytes, headers: Any) -> Response:
    began = time.perf_counter()
    target = headers.get("X-Amzn-SageMaker-Target-Variant")
    server = fleet.choose(target)
    if server is None:
        return _error(
            400,
            "ValidationError",
            f"Variant {target} not found for endpoint {fleet.plan.endpoint}.",
        )
    timing = Timing(time.time())
    response = _invoke(fleet, server, body, headers, timing)
    _put(fleet, server, timing, time.perf_counter() - began)
    return response


def _invoke(
    fleet: Fleet, server: ModelServer, body: bytes, headers: Any, timing: Timing
) -> Response:
    content_type = headers.get("Content-Type") or "application/octet-stream"
    at = datetime.now(UTC)
    try:
        with timing:
            answer = server.invoke(body, content_type, headers.get("Accept") or "*/*")
            timing.status = answer.status
    except (OSError, http.client.HTTPException) as error:
        return _model_error(fleet, Answer(0, "", _silence(error).encode()))
    if answer.status >= 400:
        return _model_error(fleet, answer)
    inference_id = headers.get("X-Amzn-SageMaker-Inference-Id")
    exchange = Exchange(content_type, body, answer.content_type, answer.body, inference_id, at)
    _capture(fleet, server, exchange)
    answer_headers = {
        "Content-Type": answer.content_type,
        "x-Amzn-Invoked-Production-Variant": server.name,
    }
    return 200, answer_headers, answer.body


def _put(fleet: Fleet, server: ModelServer, timing: Timing, seconds: float) -> None:
    """The metrics of one invocation, 0 or 1 for each kind of error; a model that keeps silent counts as a 5XX."""
    refused = 400 <= timing.status < 500
    failed = timing.status >= 500 or not timing.status
    counts = {
        "Invocations": 1,
        "Invocation4XXErrors": int(refused),
        "Invocation5XXErrors": int(failed),
        "InvocationModelErrors": int(refused or failed),
    }
    latencies = {
        "ModelLatency": timing.seconds * 1e6,
        "OverheadLatency": (seconds - timing.seconds) * 1e6,
    }
    plan = fleet.plan
    dimensions = {"EndpointName": plan.endpoint, "VariantName": server.name}
    for unit, values in (("Count", counts), ("Microseconds", latencies)):
        for name, value in values.items():
            metrics.put(
                plan.account_id,
                plan.region,
                "AWS/SageMaker",
                name,
                value,
                dimensions,
                unit,
                timing.at,
            )


def _capture(fleet: Fleet, server: ModelServer, exchange: Exchange) -> None:
    """A record that cannot be written must not spoil the answer."""
    plan = fleet.plan
    if not capture.wanted(plan.capture):
        return
    try:
        capture.write(plan.account_id, plan.capture, plan.endpoint, server.name, exchange)
    except objects.MissingError as error:
        server.log.write(f"Data capture failed: there is no bucket for {error}")


def _silence(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return (
            "Your invocation timed out while waiting for a response from container primary. Review the latency "
            "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
        )
    return (
        f"The container primary closed the connection without an answer ({type(error).__name__})."
    )


def _model_error(fleet: Fleet, answer: Answer) -> Response:
    plan = fleet.plan
    client = 400 <= answer.status < 500
    text = answer.body.decode(errors="replace")
    console = f"https://{plan.region}.console.aws.amazon.com/cloudwatch/home?region={plan.region}"
    message = (
        f'Received {"client" if client else "server"} error ({answer.status}) from primary with message "{text}". See '
        f"{console}#logEventViewer:group={plan.log_group} in account {plan.account_id} for more information."
    )
    details = {
        "ErrorCode": "CLIENT_ERROR_FROM_MODEL" if client else "SERVER_ERROR_FROM_MODEL",
        "LogStreamArn": f"arn:aws:logs:{plan.region}:{plan.account_id}:log-group:{plan.log_group}",
        "OriginalMessage": text,
        "OriginalStatusCode": answer.status,
    }
    return _error(424, "ModelError", message, **details)


def _error(status: int, kind: str, message: str, **details: Any) -> Response:
    headers = {"Content-Type": "application/json", "x-amzn-errortype": kind}
    in_headers = {"status": str(status)}  # that is where moto looks for it
    return status, headers | in_headers, json.dumps({"Message": message, **details}).encode()
