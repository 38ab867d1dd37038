"""RedriveExecution: a failed execution goes on at the state that failed, with that state's input.

Source: "Restarting state machine executions with redrive" in the Step Functions developer guide.
A Map or Parallel state is run again as a whole; AWS runs only what failed in it.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.flow.start_at import StartAt
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.json_object import JsonObject
from localaws.server.patching import change, fill
from localaws.stepfunctions import executions, status_changes
from localaws.stepfunctions.api_errors import api_error
from localaws.stepfunctions.json_text import iso_date

NOT_REDRIVABLE = {"RUNNING", "SUCCEEDED"}
ENTERED = "StateEntered"


@dataclass(frozen=True)
class FailedState:
    """Where an execution goes on; `entered_id` is the event at which it entered the state."""

    name: str
    input: Any
    entered_id: int


@fill(StepFunctionResponse)
def redrive_execution(self: Any) -> ActionResult:
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    if execution.status in NOT_REDRIVABLE:
        message = f"Execution is {execution.status} and cannot be redriven"
        raise api_error("ExecutionNotRedrivable", message)
    _redrive(execution)
    return ActionResult({"redriveDate": execution.redrive_date})


def _redrive(execution: Any) -> None:
    events = execution.to_history_output()["events"]
    execution.redrive_count = getattr(execution, "redrive_count", 0) + 1
    execution.redrive_date = datetime.now(UTC)
    execution.stop_date = execution.error = execution.cause = execution.output = None
    if execution._cloud_watch_logging_session:
        execution._cloud_watch_logging_session.redrive_count = execution.redrive_count
    execution.exec_worker = worker = execution._get_start_execution_worker()
    execution.exec_status = ExecutionStatus.RUNNING
    status_changes.publish(execution, "RUNNING")
    threading.Thread(target=_run, args=(worker, execution, events), daemon=True).start()


def _run(worker: Any, execution: Any, events: list[JsonObject]) -> None:
    try:
        _go_on(worker, execution, events)
    except Exception as error:
        executions.end_broken(execution, error)


def _go_on(worker: Any, execution: Any, events: list[JsonObject]) -> None:
    program = worker._get_evaluation_entrypoint()
    failed = failed_state(events, program)
    env = worker._get_evaluation_environment()
    history = env.event_manager
    history._history_event_list.extend(events)
    history._event_id_gen._next_id = len(events) + 1
    context = env.states.context_object.context_object_data["Execution"]
    context["RedriveCount"] = execution.redrive_count
    context["RedriveTime"] = iso_date(execution.redrive_date)
    env.states.reset(input_value=failed.input)
    env.event_history_context.source_event_id = len(events)
    history.add_event(
        context=env.event_history_context,
        event_type=HistoryEventType.ExecutionRedriven,
        event_details={"executionRedrivenEventDetails": {"redriveCount": execution.redrive_count}},
    )
    history.entered_before = failed.entered_id
    worker.env = env
    Program(
        query_language=program.query_language,
        start_at=StartAt(failed.name),
        states=program.states,
        timeout_seconds=program.timeout_seconds,
    ).eval(env)
    worker._execution_communication.terminated()


def failed_state(events: list[JsonObject], program: Any) -> FailedState:
    """The last state of the machine itself that was entered; those inside of it do not count."""
    for event in reversed(events):
        details = event.get("stateEnteredEventDetails")
        if details and details["name"] in program.states.states:
            return FailedState(details["name"], json.loads(details["input"]), event["id"])
    started = events[0]["executionStartedEventDetails"]
    return FailedState(program.start_at.start_at_name, json.loads(started["input"]), 0)


@change(EventManager)
def add_event(moto: Any, self: Any, context: Any, event_type: Any, **settings: Any) -> int:
    """The state that goes on was entered before, so this is no new event."""
    if getattr(self, "entered_before", 0) and event_type.endswith(ENTERED):
        context.source_event_id, self.entered_before = self.entered_before, 0
        return int(context.source_event_id)
    return int(moto(self, context=context, event_type=event_type, **settings))
