"""Timeouts and heartbeats of tasks from a path: refused where they are not positive integers."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.common.timeouts.heartbeat import HeartbeatSecondsPath
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSecondsPath

from localaws.server.patching import change
from localaws.stepfunctions.failures import runtime_failure


@change(TimeoutSecondsPath, "_eval_seconds")
def eval_timeout(moto: Any, self: Any, env: Any) -> Any:
    return _positive(moto, self, env, "TimeoutSecondsPath")


@change(HeartbeatSecondsPath, "_eval_seconds")
def eval_heartbeat(moto: Any, self: Any, env: Any) -> Any:
    return _positive(moto, self, env, "HeartbeatSecondsPath")


def _positive(evaluate: Any, path: Any, env: Any, field: str) -> int:
    try:
        seconds = evaluate(path, env)
    except TypeError:  # moto compares text with a number
        seconds = None
    if isinstance(seconds, int) and not isinstance(seconds, bool) and seconds > 0:
        return seconds
    literal = path.string_sampler.literal_value
    cause = f"The {field} parameter does not reference a positive integer value: {literal}"
    raise runtime_failure(env, cause)
