"""Starts and ends of executions: metrics of the state machine, and events on the default bus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution

from localaws.cloudwatch import metrics
from localaws.events import service_events
from localaws.events.service_events import milliseconds
from localaws.json_object import JsonObject
from localaws.server.patching import change

END_METRICS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}

EVENTS = service_events.Kind("aws.states", "Step Functions Execution Status Change")

_listeners: list[Callable[[Any], None]] = []


def on_end(listener: Callable[[Any], None]) -> None:
    """Call `listener` with every execution that has ended."""
    _listeners.append(listener)


@change(Execution)
def start(moto: Any, self: Any) -> None:
    _put(self, "ExecutionsStarted", 1, "Count", self.start_date)
    publish(self, "RUNNING")
    moto(self)


@change(BaseExecutionWorkerCommunication)
def terminated(moto: Any, self: Any) -> None:
    moto(self)
    publish_end(self.execution)


def publish_end(execution: Any) -> None:
    for listener in _listeners:
        listener(execution)
    status = str(execution.status)
    end = execution.stop_date
    milliseconds = (end - execution.start_date).total_seconds() * 1000
    _put(execution, END_METRICS[status], 1, "Count", end)
    _put(execution, "ExecutionTime", milliseconds, "Milliseconds", end)
    publish(execution, status)


def _put(
    execution: Any,
    name: str,
    value: float,
    unit: str,
    at: datetime,
) -> None:
    metrics.put(
        execution.account_id,
        execution.region_name,
        "AWS/States",
        {"StateMachineArn": machine_arn(execution)},
        {name: value},
        unit,
        at.timestamp(),
    )


def publish(execution: Any, status: str) -> None:
    """EXPRESS executions send no events."""
    if execution.state_machine.type == "EXPRESS":
        return
    service_events.publish(
        execution.account_id,
        execution.region_name,
        EVENTS,
        execution.exec_arn,
        lambda: _detail(execution, status),
    )


def _detail(execution: Any, status: str) -> JsonObject:
    redriven = getattr(execution, "redrive_date", None)
    detail: JsonObject = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": machine_arn(execution),
        "name": execution.name,
        "status": status,
        "startDate": milliseconds(execution.start_date),
        "stopDate": None,
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "output": None,
        "outputDetails": None,
        "error": None,
        "cause": None,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": getattr(execution, "redrive_count", 0),
        "redriveDate": milliseconds(redriven) if redriven else None,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": None,
    }
    if status == "SUCCEEDED":
        detail["output"] = to_json_str(execution.output, separators=(",", ":"))
        detail["outputDetails"] = {"included": True}
    elif status != "RUNNING":
        detail["redriveStatus"] = "REDRIVABLE"
    if status != "RUNNING":
        detail["stopDate"] = milliseconds(execution.stop_date)
        detail["error"] = execution.error
        detail["cause"] = execution.cause
    return detail


def machine_arn(execution: Any) -> str:
    """The machine itself, also where one of its versions runs."""
    return str(getattr(execution.state_machine, "source_arn", None) or execution.state_machine.arn)
