"""Child executions of a map run: each with its own history, input and context."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import (
    ExecutionStartedEventDetails,
    HistoryEventExecutionDataDetails,
    HistoryEventType,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import (
    EventHistoryContext,
    EventManager,
)
from moto.stepfunctions.parser.asl.eval.program_state import (
    ProgramEnded,
    ProgramError,
    ProgramTimedOut,
)
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from localaws.json_object import JsonObject
from localaws.stepfunctions.distributed_map.batches import ChildInput
from localaws.stepfunctions.json_text import iso_date

FAILURES = {"FAILED", "TIMED_OUT"}


@dataclass
class Child:
    """`machine_arn` is that of the Map state, which has the label in it."""

    arn: str
    machine_arn: str
    input: ChildInput
    status: str = "PENDING"
    output: Any = None
    error: str | None = None
    cause: str | None = None
    start_date: datetime | None = None
    stop_date: datetime | None = None
    events: EventManager = field(default_factory=EventManager)
    env: Any = None

    @property
    def name(self) -> str:
        return self.arn.split(":")[7]

    @property
    def has_failed(self) -> bool:
        return self.status in FAILURES


def new_child(record: Any, child_input: ChildInput, is_express: bool) -> Child:
    machine_arn = record.map_state_machine_arn
    name = f"{uuid.uuid4()}:{uuid.uuid4()}" if is_express else str(uuid.uuid4())
    kind = "express" if is_express else "execution"
    prefix = machine_arn.replace(":stateMachine:", f":{kind}:", 1)
    return Child(f"{prefix}:{name}", machine_arn, child_input)


def run_child(child: Child, program: Any, parent: Any) -> None:
    """Run a child execution to its end, in an environment of its own."""
    child.start_date = datetime.now(UTC)
    env = parent.open_inner_frame(EventHistoryContext.of_program_start())
    env._is_frame = False  # it publishes its own end
    env.event_manager = child.events
    context = env.states.context_object.context_object_data
    context["Execution"] = {
        **context["Execution"],
        "Id": child.arn,
        "Input": child.input.content,
        "Name": child.name,
        "StartTime": iso_date(child.start_date),
    }
    context["StateMachine"] = {
        "Id": child.machine_arn,
        "Name": child.machine_arn.rpartition(":")[2],
    }
    context.pop("State", None)
    env.states.reset(input_value=child.input.content)
    child.env = env
    child.status = "RUNNING"
    _publish_start(child, env)
    try:
        program.eval(env)
    finally:
        _set_end(child, env)
        parent.delete_frame(env)


def _publish_start(child: Child, env: Any) -> None:
    details = ExecutionStartedEventDetails(
        input=to_json_str(child.input.content),
        inputDetails=HistoryEventExecutionDataDetails(truncated=False),
        roleArn=env.aws_execution_details.role_arn,
    )
    child.events.add_event(
        context=env.event_history_context,
        event_type=HistoryEventType.ExecutionStarted,
        event_details=EventDetails(executionStartedEventDetails=details),
        update_source_event_id=False,
    )


def _set_end(child: Child, env: Any) -> None:
    end = env.program_state()
    child.stop_date = datetime.now(UTC)
    if isinstance(end, ProgramEnded):
        child.status = "SUCCEEDED"
        child.output = env.states.get_input()
    elif isinstance(end, ProgramError):
        child.status = "FAILED"
        details: Any = end.error or {}
        child.error = details.get("error")
        child.cause = details.get("cause")
    elif isinstance(end, ProgramTimedOut):
        child.status = "TIMED_OUT"
    else:
        child.status = "ABORTED"


def describe(child: Child) -> JsonObject:
    """What DescribeExecution returns of it, with the names of the states language."""
    description: JsonObject = {
        "ExecutionArn": child.arn,
        "Input": to_json_str(child.input.content),
        "InputDetails": {"Included": True},
        "Name": child.name,
        "RedriveCount": 0,
        "StateMachineArn": child.machine_arn,
        "Status": child.status,
    }
    if child.start_date:
        description["StartDate"] = iso_date(child.start_date)
    if child.stop_date:
        description["StopDate"] = iso_date(child.stop_date)
    if child.status == "SUCCEEDED":
        description["Output"] = to_json_str(child.output)
        description["OutputDetails"] = {"Included": True}
        description["RedriveStatus"] = "NOT_REDRIVABLE"
        description["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
    else:
        description["RedriveStatus"] = "REDRIVABLE_BY_MAP_RUN"
    if child.error is not None:
        description["Error"] = child.error
    if child.cause is not None:
        description["Cause"] = child.cause
    return dict(sorted(description.items()))
