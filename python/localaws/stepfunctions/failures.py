"""Failures of states: the event at which the state was entered, and its input, in their causes."""

from __future__ import annotations

import json
from typing import Any

from moto.stepfunctions.parser.api import (
    ExecutionFailedEventDetails,
    HistoryEventType,
    TaskFailedEventDetails,
)
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from localaws.server.patching import change
from localaws.stepfunctions.error_names import RUNTIME

FIRST_ENTERED = 2  # the event of the first state; event 1 is ExecutionStarted
RESULT_PATH = "States.ResultPathMatchFailure"
LOCATED = {RUNTIME, RESULT_PATH, "States.NoChoiceMatched", "States.QueryEvaluationError"}
PREFIX = "An error occurred while executing the state '"


@change(FailureEvent, "__init__")
def note_entered_event(moto: Any, self: Any, env: Any, **settings: Any) -> None:
    """moto names the latest event instead of the one at which the state was entered."""
    moto(self, env=env, **settings)
    self.state_name = self.state_name or _state_name(env)
    self.source_event_id = entered_event_id(env, self.state_name) or self.source_event_id


@change(FailureEventException)
def get_execution_failed_event_details(_moto: Any, self: Any) -> Any:
    """A cause from a branch or an iteration already says where the error occurred."""
    error, cause = self.extract_error_cause_pair() or (None, None)
    details = ExecutionFailedEventDetails()
    if error:
        details["error"] = error
    if cause:
        details["cause"] = located_cause(self.failure_event, error, cause)
    return details


def located_cause(failure_event: FailureEvent, error: str | None, cause: str) -> str:
    if error not in LOCATED or cause.startswith(PREFIX):
        return cause
    return (
        f"{PREFIX}{failure_event.state_name}' "
        f"(entered at the event id #{failure_event.source_event_id}). {cause}"
    )


def failure(env: Any, error: str, cause: str) -> FailureEventException:
    """The failure of a state before or after its task, so without an event of its own."""
    details = TaskFailedEventDetails(error=error, cause=cause)
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=CustomErrorName(error),
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )
    )


def runtime_failure(env: Any, cause: str) -> FailureEventException:
    return failure(env, RUNTIME, cause)


def entered_event_id(env: Any, state_name: str | None) -> int:
    """The event at which the state was entered, or 0; each event leads to the one before it."""
    history = env.event_manager._history_event_list
    event_id = env.event_history_context.source_event_id
    while event_id:
        event = history[event_id - 1]
        details = event.get("stateEnteredEventDetails")
        if details and details["name"] == state_name:
            return int(event_id)
        event_id = event["previousEventId"]
    return 0


def input_text(env: Any, value: Any) -> str:
    """A state's input as AWS quotes it: the first state's as the request spelled it."""
    spelled = getattr(env.event_manager, "input_text", None)
    is_first = entered_event_id(env, _state_name(env)) == FIRST_ENTERED
    if is_first and spelled is not None and json.loads(spelled) == value:
        return str(spelled)
    text: str = to_json_str(value)
    return text


def _state_name(env: Any) -> str | None:
    state = env.states.context_object.context_object_data.get("State") or {}
    name: str | None = env.next_state_name or state.get("Name")
    return name
