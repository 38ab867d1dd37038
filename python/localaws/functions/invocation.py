"""One invocation of a function in a sandbox: its answer or error, and its log."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from localaws.functions.deployment import Deployment
from localaws.functions.sandbox import Sandbox, SandboxError
from localaws.json_object import JsonObject

NO_BREAK_SPACE = "\u00a0"


@dataclass
class Invocation:
    """`answer` is the handler's, `error` the error object. A `reusable` sandbox stays warm."""

    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    answer: str | None = None
    error: JsonObject | None = None
    reusable: bool = True
    milliseconds: float = 0.0
    init_milliseconds: float | None = None
    log: list[str] = field(default_factory=list)

    @property
    def payload(self) -> bytes:
        text = json.dumps(self.error) if self.answer is None else self.answer
        return text.encode(errors="surrogateescape")


def run_handler(
    deployment: Deployment,
    sandbox: Sandbox,
    event: Any,
    fresh: bool,
) -> Invocation:
    """Run the handler once; a `fresh` sandbox loads it first."""
    invocation = Invocation()
    started = time.monotonic()
    try:
        if fresh:
            invocation.error = sandbox.start(deployment.timeout)
            invocation.reusable = invocation.error is None
            loaded = time.monotonic()
            invocation.init_milliseconds = (loaded - started) * 1000
            started = loaded
        if invocation.reusable:
            answer = sandbox.invoke(
                event, deployment.arn, invocation.request_id, deployment.timeout
            )
            invocation.answer = answer["result"]
            invocation.error = answer["error"]
    except SandboxError as ended:
        message = f"RequestId: {invocation.request_id} Error: {ended}"
        invocation.error = {"errorType": ended.kind, "errorMessage": message}
        invocation.reusable = False
    invocation.milliseconds = (time.monotonic() - started) * 1000
    invocation.log = _log(deployment, sandbox, invocation)
    return invocation


def _log(deployment: Deployment, sandbox: Sandbox, invocation: Invocation) -> list[str]:
    """The log events, in the words of the real service."""
    report = (
        f"REPORT RequestId: {invocation.request_id}"
        f"\tDuration: {invocation.milliseconds:.2f} ms"
        f"\tBilled Duration: {int(invocation.milliseconds) + 1} ms"
        f"\tMemory Size: {deployment.memory_mb} MB"
        f"\tMax Memory Used: {sandbox.peak_mb()} MB"
    )
    if invocation.init_milliseconds is not None:
        report += f"\tInit Duration: {invocation.init_milliseconds:.2f} ms"
    log = [
        f"START RequestId: {invocation.request_id} Version: {deployment.version}",
        *sandbox.printed(),
    ]
    if invocation.error:
        log.append(_error_event(invocation.error))
    return [*log, f"END RequestId: {invocation.request_id}", report]


def _error_event(error: JsonObject) -> str:
    text = f"[ERROR] {error['errorType']}: {error['errorMessage']}"
    stack = error.get("stackTrace")
    if stack is None:
        return text  # the sandbox has ended: the runtime could not say more
    lines = [line for frame in stack for line in frame.splitlines()]
    return "\n".join([text, "Traceback (most recent call last):", *map(_indent, lines)])


def _indent(line: str) -> str:
    """The real runtime indents by no-break spaces."""
    text = line.lstrip(" ")
    return NO_BREAK_SPACE * (len(line) - len(text)) + text
