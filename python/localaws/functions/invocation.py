"""One invocation of a function in a sandbox: its answer or error, and what it leaves in the log."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from localaws.functions.deployment import Deployment
from localaws.functions.sandbox import Sandbox, SandboxError


@dataclass
class Invocation:
    """`answer` and `error` are JSON text and the error object; `reusable` says whether the sandbox stays warm."""

    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    answer: str | None = None
    error: dict[str, Any] | None = None
    reusable: bool = True
    milliseconds: float = 0.0
    init_milliseconds: float | None = None
    log: list[str] = field(default_factory=list)

    @property
    def payload(self) -> str:
        return json.dumps(self.error) if self.answer is None else self.answer


def run_handler(deployment: Deployment, sandbox: Sandbox, event: Any, fresh: bool) -> Invocation:
    """Run the handler once; a `fresh` sandbox loads it first."""
    invocation = Invocation()
    began = time.monotonic()
    try:
        if fresh:
            invocation.error = sandbox.start(deployment.timeout)
            invocation.reusable = invocation.error is None
            invocation.init_milliseconds = (time.monotonic() - began) * 1000
            began = time.monotonic()
        if invocation.reusable:
            answer = sandbox.invoke(
                event, deployment.arn, invocation.request_id, deployment.timeout
            )
            invocation.answer, invocation.error = answer["result"], answer["error"]
    except SandboxError as ended:
        message = f"RequestId: {invocation.request_id} Error: {ended}"
        invocation.error, invocation.reusable = (
            {"errorType": ended.kind, "errorMessage": message},
            False,
        )
    invocation.milliseconds = (time.monotonic() - began) * 1000
    invocation.log = _log(deployment, sandbox, invocation)
    return invocation


def _log(deployment: Deployment, sandbox: Sandbox, invocation: Invocation) -> list[str]:
    """As the real service words it."""
    report = [
        f"REPORT RequestId: {invocation.request_id}",
        f"Duration: {invocation.milliseconds:.2f} ms",
        f"Billed Duration: {int(invocation.milliseconds) + 1} ms",
        f"Memory Size: {deployment.memory_mb} MB",
        f"Max Memory Used: {sandbox.peak_mb()} MB",
    ]
    if invocation.init_milliseconds is not None:
        report.append(f"Init Duration: {invocation.init_milliseconds:.2f} ms")
    return [
        f"START RequestId: {invocation.request_id} Version: {deployment.version}",
        *sandbox.printed(),
        *([_error_event(invocation.error)] if invocation.error else []),
        f"END RequestId: {invocation.request_id}",
        "\t".join(report),
    ]


def _error_event(error: dict[str, Any]) -> str:
    text = f"[ERROR] {error['errorType']}: {error['errorMessage']}"
    if stack := error.get("stackTrace"):
        text += "\nTraceback (most recent call last):\n" + "".join(stack).rstrip("\n")
    return text
