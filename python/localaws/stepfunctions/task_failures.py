"""Tasks that fail: one event for one failure, and none after the execution has gone on."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.common.timeouts.heartbeat import HeartbeatSecondsPath
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSecondsPath
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (  # noqa: E501
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda import (
    StateTaskLambda,
)
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager

from localaws.server.patching import change
from localaws.stepfunctions.failures import runtime_failure


class EndDetails(dict[str, Any]):
    """Details of a failure that ends the execution at once."""


@change(FailureEvent, "__init__")
def mark_end(moto: Any, self: Any, **failure: Any) -> None:
    moto(self, **failure)
    if self.event_type == HistoryEventType.ExecutionFailed:
        self.event_details = EndDetails(self.event_details)


@change(EventManager)
def add_event(moto: Any, self: Any, *args: Any, **event: Any) -> Any:
    """The execution publishes its own end; in moto the state has published it before."""
    if isinstance(event.get("event_details"), EndDetails):
        return 0
    return moto(self, *args, **event)


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


@change(StateTaskService)
def _after_eval_execution(moto: Any, self: Any, env: Any, **parts: Any) -> None:
    """A task that was timed out or stopped goes on in its thread: its end is no event."""
    if env.is_running():
        moto(self, env=env, **parts)


@change(StateTaskLambda)
def _verify_size_quota(moto: Any, self: Any, env: Any, value: Any) -> None:
    if not env.is_running():
        raise TimeoutError
    moto(self, env=env, value=value)
