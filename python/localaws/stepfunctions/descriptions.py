"""Descriptions and lists: the fields that moto leaves out, and the children of map runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import ExecutionDoesNotExist
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record import (  # noqa: E501
    MapRunRecord,
)
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.json_object import JsonObject
from localaws.server.patching import change
from localaws.stepfunctions import executions
from localaws.stepfunctions.api_errors import api_error
from localaws.stepfunctions.distributed_map.children import Child

INCLUDED = {"included": True}
LIST_PAGE = 100  # executions in an answer, unless the request sets another number


@change(StepFunctionResponse)
def describe_execution(_moto: Any, self: Any) -> ActionResult:
    arn = self._get_param("executionArn")
    child = _find_child(self.stepfunction_backend, arn)
    if child:
        return ActionResult(_describe_child(*child))
    with executions.ending:
        execution = self.stepfunction_backend.describe_execution(arn)
        description = _describe(execution)
    return ActionResult(description)


def _describe(execution: Any) -> JsonObject:
    status = execution.status
    description = {
        **_summary(execution),
        **redrive_fields(execution, status),
        "input": execution.execution_input,
        "inputDetails": INCLUDED,
        "traceHeader": execution.trace_header,
        "error": execution.error,
        "cause": execution.cause,
    }
    if status == "SUCCEEDED":
        description |= {"output": to_json_str(execution.output), "outputDetails": INCLUDED}
    return description


def _summary(execution: Any) -> JsonObject:
    """What ListExecutions returns of an execution, and DescribeExecution as well."""
    return {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.start_date,
        "stopDate": execution.stop_date,
        "stateMachineVersionArn": getattr(execution, "version_arn", None),
        "stateMachineAliasArn": getattr(execution, "alias_arn", None),
        "redriveCount": getattr(execution, "redrive_count", 0),
        "redriveDate": getattr(execution, "redrive_date", None),
    }


def redrive_fields(execution: Any, status: str) -> JsonObject:
    """Whether the execution can be redriven now, and why not."""
    count = getattr(execution, "redrive_count", 0)
    if status in ("RUNNING", "SUCCEEDED"):
        reason = f"Execution is {status} and cannot be redriven"
        fields = {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    else:
        fields = {"redriveStatus": "REDRIVABLE"}
    return {**fields, "redriveCount": count}


@change(StepFunctionResponse)
def list_executions(moto: Any, self: Any) -> ActionResult:
    map_run = self._get_param("mapRunArn")
    if map_run:
        return _list_children(self, map_run)
    answer: ActionResult = moto(self)
    listed: list[JsonObject] = answer.result["executions"]
    for entry in listed:
        execution = self.stepfunction_backend.describe_execution(entry["executionArn"])
        entry.update(_summary(execution))
    return answer


def _list_children(response: Any, map_run_arn: str) -> ActionResult:
    status = response._get_param("statusFilter")
    record = _map_run(response.stepfunction_backend, map_run_arn)
    found = [child for child in record.children if status in (None, child.status)]
    start = int(response._get_param("nextToken") or 0)
    end = start + int(response._get_param("maxResults") or LIST_PAGE)
    next_token = str(end) if end < len(found) else None
    page = [
        {**_child_summary(record, child), "itemCount": child.input.item_count}
        for child in found[start:end]
    ]
    return ActionResult({"executions": page, "nextToken": next_token})


@change(StepFunctionsParserBackend)
def get_execution_history(moto: Any, self: Any, execution_arn: str) -> Any:
    found = _find_child(self, execution_arn)
    if found:
        return {"events": found[1].events.get_event_history()}
    return moto(self, execution_arn)


@change(StepFunctionsParserBackend)
def describe_map_run(_moto: Any, self: Any, map_run_arn: str) -> JsonObject:
    return dict(_map_run(self, map_run_arn).describe())


@change(MapRunRecord)
def describe(moto: Any, self: Any) -> JsonObject:
    description: JsonObject = moto(self)
    for counts in ("itemCounts", "executionCounts"):
        description[counts] |= {"failuresNotRedrivable": 0, "pendingRedrive": 0}
    return {**description, "redriveCount": 0}


def _map_runs(backend: Any) -> Iterator[Any]:
    for execution in backend._get_executions():
        worker = execution.exec_worker
        if worker and worker.env:
            yield from worker.env.map_run_record_pool_manager.get_all()


def _map_run(backend: Any, arn: str) -> Any:
    for record in _map_runs(backend):
        if record.map_run_arn == arn:
            return record
    raise api_error("ResourceNotFound", f"Resource not found: '{arn}'")


def _find_child(backend: Any, arn: str) -> tuple[Any, Child] | None:
    """The child execution of a map run, whose ARN has the label of its Map state in it."""
    if "/" not in arn:
        return None
    for record in _map_runs(backend):
        for child in record.children:
            if child.arn == arn:
                return record, child
    raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{arn}'")


def _child_summary(record: Any, child: Child) -> JsonObject:
    return {
        "executionArn": child.arn,
        "stateMachineArn": child.machine_arn,
        "name": child.name,
        "status": child.status,
        "startDate": child.start_date or record.start_date,
        "stopDate": child.stop_date,
        "mapRunArn": record.map_run_arn,
        "redriveCount": 0,
    }


def _describe_child(record: Any, child: Child) -> JsonObject:
    description = {
        **_child_summary(record, child),
        "input": to_json_str(child.input.content),
        "inputDetails": INCLUDED,
        "error": child.error,
        "cause": child.cause,
    }
    if child.status == "SUCCEEDED":
        description |= {"output": to_json_str(child.output), "outputDetails": INCLUDED}
    return description
