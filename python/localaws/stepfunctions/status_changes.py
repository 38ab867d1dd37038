"""Starts and ends of executions: metrics of the state machine, and events on the default event bus.

A thread of its own sends the events, so that no execution waits for their targets.
"""

from __future__ import annotations

import logging
import queue
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.events.models import events_backends
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution

from localaws.cloudwatch import metrics
from localaws.events import rules
from localaws.json_object import JsonObject
from localaws.server.patching import Account, Closer, change

END_METRICS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}

log = logging.getLogger(__name__)
_listeners: list[Callable[[Any], None]] = []
_outbox: queue.SimpleQueue[tuple[Any, JsonObject] | None] = queue.SimpleQueue()


def install(_account: Account) -> Closer:
    sender = threading.Thread(target=_send_events, daemon=True)
    sender.start()

    def close() -> None:
        _outbox.put(None)
        sender.join()

    return close


def on_end(listener: Callable[[Any], None]) -> None:
    """Call `listener` with every execution that has ended."""
    _listeners.append(listener)


def _send_events() -> None:
    while message := _outbox.get():
        rule, event = message
        try:
            rule.send_to_targets(event)
        except Exception:  # a faulty rule must not affect the next one
            log.exception("%s was not notified of an execution", rule.arn)


@change(Execution)
def start(moto: Any, self: Any) -> None:
    _put(self, "ExecutionsStarted", 1, "Count", self.start_date)
    _publish(self, "RUNNING")
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
    _publish(execution, status)


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


def _publish(execution: Any, status: str) -> None:
    """EXPRESS executions send no events."""
    if execution.state_machine.type == "EXPRESS":
        return
    bus = events_backends[execution.account_id][execution.region_name].event_buses.get("default")
    for rule in list(bus.rules.values()) if bus else []:
        if rules.is_listening(rule):
            _outbox.put((rule, _event(execution, status)))


def _event(execution: Any, status: str) -> JsonObject:
    detail = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": machine_arn(execution),
        "name": execution.name,
        "status": status,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": None,
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "output": None,
        "outputDetails": None,
        "error": None,
        "cause": None,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": None,
    }
    if status == "SUCCEEDED":
        detail["output"] = to_json_str(execution.output, separators=(",", ":"))
        detail["outputDetails"] = {"included": True}
    elif status != "RUNNING":
        detail["redriveStatus"] = "REDRIVABLE"
    if status != "RUNNING":
        detail["stopDate"] = _milliseconds(execution.stop_date)
        detail["error"] = execution.error
        detail["cause"] = execution.cause
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": execution.account_id,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": execution.region_name,
        "resources": [execution.exec_arn],
        "detail": detail,
    }


def machine_arn(execution: Any) -> str:
    """The machine itself, also where one of its versions runs."""
    return str(getattr(execution.state_machine, "source_arn", None) or execution.state_machine.arn)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
