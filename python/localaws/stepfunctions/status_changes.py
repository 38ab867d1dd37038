"""Starts and ends of executions: metrics of the state machine, and events for the rules of the default event bus.

The events go out from a thread of their own, so that no execution waits for whoever listens.
"""

from __future__ import annotations

import logging
import queue
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

from moto.events.models import events_backends
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution

from localaws.cloudwatch import metrics
from localaws.events import rules
from localaws.server.patching import Account, Closer, change

SOURCE = "aws.states"
DETAIL_TYPE = "Step Functions Execution Status Change"
ENDS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
DETAILS_INCLUDED = {"included": True}

log = logging.getLogger(__name__)
_outbox: queue.SimpleQueue[tuple[Any, dict[str, Any]] | None] = queue.SimpleQueue()


def install(_account: Account) -> Closer:
    sender = threading.Thread(target=_send, daemon=True)
    sender.start()

    def close() -> None:
        _outbox.put(None)
        sender.join()

    return close


@change(Execution)
def start(moto: Any, self: Any) -> None:
    _put(self, "ExecutionsStarted", 1, self.start_date)
    _tell(self, "RUNNING")
    moto(self)


@change(BaseExecutionWorkerCommunication)
def terminated(moto: Any, self: Any) -> None:
    moto(self)
    ended(self.execution)


def ended(execution: Any) -> None:
    status = str(execution.status)
    milliseconds = (execution.stop_date - execution.start_date).total_seconds() * 1000
    _put(execution, ENDS[status], 1, execution.stop_date)
    _put(execution, "ExecutionTime", milliseconds, execution.stop_date, "Milliseconds")
    _tell(execution, status)


def _put(execution: Any, name: str, value: float, at: datetime, unit: str = "Count") -> None:
    where = (execution.account_id, execution.region_name, "AWS/States")
    metrics.put(*where, name, value, {"StateMachineArn": _machine(execution)}, unit, at.timestamp())


def _tell(execution: Any, status: str) -> None:
    """Costs next to nothing where no rule waits for it; EXPRESS executions send no events."""
    if execution.state_machine.type == "EXPRESS":
        return
    bus = events_backends[execution.account_id][execution.region_name].event_buses.get("default")
    for rule in list(bus.rules.values()) if bus else []:
        if _may_match(rule, status):
            _outbox.put((rule, _event(execution, status)))


def _may_match(rule: Any, status: str) -> bool:
    if not rules.listens(rule):
        return False
    pattern = rule.event_pattern.get_pattern()
    detail = pattern.get("detail")
    return (
        _allows(pattern.get("source"), SOURCE)
        and _allows(pattern.get("detail-type"), DETAIL_TYPE)
        and _allows(detail.get("status") if isinstance(detail, dict) else None, status)
    )


def _allows(filters: Any, value: str) -> bool:
    """False only where plain values are listed and this one is not among them."""
    if not isinstance(filters, list) or not all(isinstance(plain, str) for plain in filters):
        return True
    return value in filters


def _event(execution: Any, status: str) -> dict[str, Any]:
    at_end = status != "RUNNING"
    succeeded = status == "SUCCEEDED"
    detail = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": _machine(execution),
        "name": execution.name,
        "status": status,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(execution.stop_date) if at_end else None,
        "input": execution.execution_input,
        "inputDetails": DETAILS_INCLUDED,
        "output": to_json_str(execution.output, separators=(",", ":")) if succeeded else None,
        "outputDetails": DETAILS_INCLUDED if succeeded else None,
        "error": execution.error if at_end else None,
        "cause": execution.cause if at_end else None,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "NOT_REDRIVABLE" if succeeded or not at_end else "REDRIVABLE",
        "redriveStatusReason": None,
    }
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": DETAIL_TYPE,
        "source": SOURCE,
        "account": execution.account_id,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": execution.region_name,
        "resources": [execution.exec_arn],
        "detail": detail,
    }


def _machine(execution: Any) -> str:
    """The machine itself, also where one of its versions runs."""
    return str(getattr(execution.state_machine, "source_arn", None) or execution.state_machine.arn)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _send() -> None:
    while sent := _outbox.get():
        rule, event = sent
        try:
            rule.send_to_targets(event)
        except Exception:  # whatever is wrong with a rule is nothing to the next one
            log.exception("%s was not told of an execution", rule.arn)
