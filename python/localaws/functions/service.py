"""Functions that run: the deployed zip, in warm sandboxes, with the errors, logs and limits of the real service."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction

from localaws.cloudwatch import metrics
from localaws.functions.invocation import Invocation
from localaws.functions.pool import Pool, ThrottledError
from localaws.server.patching import Account, Closer, change

LOG_TAIL_BYTES = 4096
RETRIES = 2  # of an asynchronous invocation, unless the function's event invoke configuration says otherwise
RETRY_SECONDS = 0.5  # a minute and two on AWS
EVENT_AGE_SECONDS = 6 * 3600  # how long a throttled asynchronous invocation is tried


def install(account: Account) -> Closer:
    pool = Pool(account)

    # Every caller reaches it: the API, state machines, rules, notifications.
    @change(LambdaFunction)
    def invoke(
        _moto: Any, function: Any, body: str | bytes, headers: Any, answer_headers: dict[str, str]
    ) -> bytes:
        kind = headers.get("X-Amz-Invocation-Type", "RequestResponse")
        event = _parsed(body)
        answer_headers["X-Amz-Executed-Version"] = str(function.version)
        if kind == "DryRun":
            return b""
        if kind == "Event":
            threading.Thread(target=_later, args=(pool, function, event), daemon=True).start()
            return b""
        return _now(pool, function, event, answer_headers)

    return pool.close


def _now(pool: Pool, function: Any, event: Any, answer_headers: dict[str, str]) -> bytes:
    try:
        invocation = _measured(pool, function, event)
    except ThrottledError as error:
        raise _refusal("TooManyRequestsException", "Rate Exceeded.", status=429) from error
    if invocation.error:
        answer_headers["x-amz-function-error"] = "Unhandled"
    log = "\n".join(invocation.log).encode()
    answer_headers["x-amz-log-result"] = base64.b64encode(log[-LOG_TAIL_BYTES:]).decode()
    return invocation.payload.encode()


def _later(pool: Pool, function: Any, event: Any) -> None:
    """An asynchronous invocation: a failing one is tried again, a throttled one waits for its turn."""
    config = function.event_invoke_config[0].config if function.event_invoke_config else {}
    tries_left = 1 + int(config.get("MaximumRetryAttempts", RETRIES))
    give_up = time.monotonic() + int(config.get("MaximumEventAgeInSeconds", EVENT_AGE_SECONDS))
    while tries_left and time.monotonic() < give_up:
        try:
            if not _measured(pool, function, event).error:
                return
            tries_left -= 1
        except ThrottledError:
            logging.getLogger(__name__).debug("%s is throttled", function.function_name)
        time.sleep(RETRY_SECONDS)
    logging.getLogger(__name__).warning(
        "An asynchronous event for %s is dropped", function.function_name
    )


def _measured(pool: Pool, function: Any, event: Any) -> Invocation:
    at = time.time()
    try:
        invocation = pool.invoke(function, event)
    except ThrottledError:
        _put(function, at, Throttles=1)
        raise
    _put(function, at, Invocations=1, Errors=int(invocation.error is not None), Throttles=0)
    _put(function, at, "Milliseconds", Duration=invocation.milliseconds)
    return invocation


def _put(function: Any, at: float, unit: str = "Count", **values: float) -> None:
    dimensions = {"FunctionName": function.function_name}
    for name, value in values.items():
        metrics.put(
            function.account_id, function.region, "AWS/Lambda", name, value, dimensions, unit, at
        )


def _parsed(body: str | bytes) -> Any:
    try:
        return json.loads(body) if body else {}
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise _refusal("InvalidRequestContentException", message, status=400) from error


def _refusal(kind: str, message: str, status: int) -> Any:
    error: Any = LambdaClientError(kind, message)
    error.code = status
    return error
