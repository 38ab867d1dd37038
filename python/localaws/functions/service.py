"""Invocations of functions, whoever calls them: the API, state machines, rules, notifications."""

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
from localaws.functions import execution_role, states
from localaws.functions.invocation import Invocation
from localaws.functions.pool import Pool, ThrottledError
from localaws.iam.sessions import NotAssumableError
from localaws.pace import Duration
from localaws.server.patching import Account, Closer, change

LOG_TAIL_BYTES = 4096
RETRIES = 2  # of an asynchronous invocation, unless the event invoke configuration sets them
THROTTLED_SECONDS = 0.5  # until the next try of a throttled one; on AWS from 1 to 300
EVENT_AGE_SECONDS = 6 * 3600  # how long a throttled asynchronous invocation is retried

log = logging.getLogger(__name__)


def install(account: Account) -> Closer:
    pool = Pool(account)

    @change(LambdaFunction)
    def invoke(
        _moto: Any,
        function: Any,
        body: str | bytes,
        headers: Any,
        answer_headers: dict[str, str],
    ) -> bytes:
        states.refuse_pending(function)
        try:
            event = json.loads(body) if body else {}
        except ValueError as error:
            message = f"Could not parse request body into json: {error}"
            raise _client_error("InvalidRequestContentException", message, status=400) from error
        answer_headers["X-Amz-Executed-Version"] = str(function.version)
        kind = headers.get("X-Amz-Invocation-Type", "RequestResponse")
        if kind == "DryRun":
            return b""
        if kind == "Event":
            arguments = (pool, function, event)
            threading.Thread(target=_invoke_later, args=arguments, daemon=True).start()
            return b""
        return _invoke_now(pool, function, event, answer_headers)

    return pool.close


def _invoke_now(
    pool: Pool,
    function: Any,
    event: Any,
    answer_headers: dict[str, str],
) -> bytes:
    try:
        invocation = _invoke(pool, function, event)
    except ThrottledError as error:
        raise _client_error("TooManyRequestsException", "Rate Exceeded.", status=429) from error
    except NotAssumableError as error:
        message = execution_role.NOT_ASSUMABLE
        raise _client_error("AccessDeniedException", message, status=403) from error
    if invocation.error:
        answer_headers["x-amz-function-error"] = "Unhandled"
    log_tail = "\n".join(invocation.log).encode()[-LOG_TAIL_BYTES:]
    answer_headers["x-amz-log-result"] = base64.b64encode(log_tail).decode()
    return invocation.payload


def _invoke_later(pool: Pool, function: Any, event: Any) -> None:
    """An asynchronous invocation: retried when it fails, and delayed while it is throttled."""
    configs = function.event_invoke_config
    config = configs[0].config if configs else {}
    tries = 1 + int(config.get("MaximumRetryAttempts", RETRIES))
    deadline = time.monotonic() + int(config.get("MaximumEventAgeInSeconds", EVENT_AGE_SECONDS))
    failures = 0
    while failures < tries and time.monotonic() < deadline:
        try:
            if not _invoke(pool, function, event).error:
                return
            failures += 1
            pause = Duration.ASYNC_RETRY.seconds * failures
        except ThrottledError:
            log.debug("%s is throttled", function.function_name)
            pause = THROTTLED_SECONDS
        except NotAssumableError:
            log.warning("%s: %s", function.function_name, execution_role.NOT_ASSUMABLE)
            failures += 1
            pause = Duration.ASYNC_RETRY.seconds * failures
        time.sleep(pause)
    log.warning("An asynchronous event for %s is dropped", function.function_name)


def _invoke(pool: Pool, function: Any, event: Any) -> Invocation:
    """Run the function and put its metrics. Raises ThrottledError or NotAssumableError."""
    at = time.time()
    try:
        invocation = pool.invoke(function, event)
    except ThrottledError:
        _put(function, {"Throttles": 1}, "Count", at)
        raise
    failed = int(invocation.error is not None)
    _put(function, {"Invocations": 1, "Errors": failed, "Throttles": 0}, "Count", at)
    _put(function, {"Duration": invocation.milliseconds}, "Milliseconds", at)
    return invocation


def _put(
    function: Any,
    values: dict[str, float],
    unit: str,
    at: float,
) -> None:
    dimensions = {"FunctionName": function.function_name}
    metrics.put(
        function.account_id,
        function.region,
        "AWS/Lambda",
        dimensions,
        values,
        unit,
        at,
    )


def _client_error(kind: str, message: str, status: int) -> Any:
    error: Any = LambdaClientError(kind, message)
    error.code = status
    return error
