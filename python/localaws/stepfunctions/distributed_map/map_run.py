"""A map run: its events, its child executions, and the failures that it tolerates."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import (
    HistoryEventType,
    MapRunFailedEventDetails,
    MapRunStartedEventDetails,
    MapRunStatus,
    MapStateStartedEventDetails,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record import (  # noqa: E501
    MapRunRecord,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from localaws.server.patching import change
from localaws.stepfunctions.distributed_map.batches import ChildInput, child_inputs
from localaws.stepfunctions.distributed_map.children import Child, new_child, run_child
from localaws.stepfunctions.distributed_map.failures import map_failure
from localaws.stepfunctions.distributed_map.items import read_items
from localaws.stepfunctions.distributed_map.results import result
from localaws.stepfunctions.failures import runtime_failure

MOST_AT_ONCE = 40  # 10,000 on AWS


@change(StateMap)
def _eval_execution(moto: Any, self: Any, env: Any) -> None:
    if not hasattr(self, "distributed"):
        moto(self, env)
        return
    state_input = env.stack[-1]
    max_concurrency = _evaluated(self.max_concurrency_decl, env)
    items = None if self.item_reader else _items_of_input(self, env)
    started = MapStateStartedEventDetails(length=len(items or []))
    _publish(env, HistoryEventType.MapStateStarted, mapStateStartedEventDetails=started)
    record = MapRunRecord(
        state_machine_arn=env.states.context_object.context_object_data["StateMachine"]["Id"],
        execution_arn=env.states.context_object.context_object_data["Execution"]["Id"],
        max_concurrency=max_concurrency,
        tolerated_failure_count=_evaluated(self.tolerated_failure_count_decl, env),
        tolerated_failure_percentage=_evaluated(self.tolerated_failure_percentage_decl, env),
        label=self.label.label if self.label else None,
    )
    record.children = []
    env.map_run_record_pool_manager.add(record)
    arn = MapRunStartedEventDetails(mapRunArn=record.map_run_arn)
    _publish(env, HistoryEventType.MapRunStarted, mapRunStartedEventDetails=arn)
    try:
        output = _run(self, env, record, state_input, items)
    except Exception as error:
        _publish_failure(env, error)
        record.set_stop(status=MapRunStatus.FAILED)
        raise
    if not env.is_running():
        _publish(env, HistoryEventType.MapRunAborted)
        _publish(env, HistoryEventType.MapStateAborted)
        record.set_stop(status=MapRunStatus.ABORTED)
        return
    _publish(env, HistoryEventType.MapRunSucceeded)
    record.set_stop(status=MapRunStatus.SUCCEEDED)
    env.stack.append(output)
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=HistoryEventType.MapStateSucceeded,
        update_source_event_id=False,
    )


def _evaluated(declaration: Any, env: Any) -> Any:
    declaration.eval(env=env)
    return env.stack.pop()


def _items_of_input(state: Any, env: Any) -> list[Any]:
    items = _evaluated(state.items_path, env)
    if isinstance(items, list):
        return items
    path = state.items_path.string_sampler.literal_value
    cause = f'Reference path "{path}" must point to array.'
    raise runtime_failure(env, cause)


def _run(
    state: Any, env: Any, record: MapRunRecord, state_input: Any, items: list[Any] | None
) -> Any:
    if items is None:
        items = read_items(state, env)
    inputs = child_inputs(state, env, state_input, items)
    tolerance = Tolerance(state.distributed, record, len(items))
    children = _run_children(state, env, record, inputs, tolerance)
    output = result(state, env, record, children)
    written = children if state.result_writer else [one for one in children if not one.has_failed]
    _count(record, written, "results_written")
    if tolerance.is_exceeded:
        cause = "The specified tolerated failure threshold was exceeded"
        exceeded = StatesErrorNameType.StatesExceedToleratedFailureThreshold
        raise map_failure(env, exceeded, cause)
    return output


class Tolerance:
    """How many items may fail; a limit that the state does not set has no effect beside another."""

    def __init__(self, settings: Any, record: MapRunRecord, item_count: int) -> None:
        self._record = record
        self._item_count = item_count
        self._counts = settings.tolerates_count or not settings.tolerates_percentage
        self._percentages = settings.tolerates_percentage

    @property
    def is_exceeded(self) -> bool:
        counter = self._record.item_counter
        failed = counter.failed.get() + counter.timed_out.get()
        if self._counts and failed > self._record.tolerated_failure_count:
            return True
        percentage = 100 * failed / max(self._item_count, 1)
        tolerated = float(self._record.tolerated_failure_percentage)
        return bool(self._percentages and percentage > tolerated)


def _run_children(
    state: Any, env: Any, record: Any, inputs: list[ChildInput], tolerance: Tolerance
) -> list[Child]:
    """Run all children, several at a time; abort those that are left when too many have failed."""
    is_express = state.distributed.has_express_children
    children = [new_child(record, child_input, is_express) for child_input in inputs]
    record.children = children
    _count(record, children, "total")
    _count(record, children, "pending")
    program = state.iteration_component._get_iteration_program()
    stopping = threading.Lock()

    def run(child: Child) -> None:
        if tolerance.is_exceeded or not env.is_running():
            child.status = "ABORTED"
            _move(record, child, "pending", "aborted")
            return
        _move(record, child, "pending", "running")
        run_child(child, program, env)
        _move(record, child, "running", child.status.lower())
        if tolerance.is_exceeded and stopping.acquire(blocking=False):
            _stop_running(children)

    workers = min(record.max_concurrency or MOST_AT_ONCE, MOST_AT_ONCE)
    with ThreadPoolExecutor(workers) as pool:
        for outcome in [pool.submit(run, child) for child in children]:
            outcome.result()
    return children


def _stop_running(children: list[Child]) -> None:
    for child in children:
        if child.status == "RUNNING":
            child.env.set_stop(stop_date=datetime.now(UTC), cause=None, error=None)


def _move(record: Any, child: Child, before: str, after: str) -> None:
    for counter, number in (
        (record.item_counter, child.input.item_count),
        (record.execution_counter, 1),
    ):
        getattr(counter, before).offset(-number)
        getattr(counter, after).count(number)


def _count(record: Any, children: list[Child], name: str) -> None:
    getattr(record.execution_counter, name).count(len(children))
    items = sum(child.input.item_count for child in children)
    getattr(record.item_counter, name).count(items)


def _publish_failure(env: Any, error: Exception) -> None:
    details = MapRunFailedEventDetails()
    if isinstance(error, FailureEventException):
        name, cause = error.extract_error_cause_pair() or (None, None)
        details = MapRunFailedEventDetails(error=name or "", cause=cause or "")
    _publish(env, HistoryEventType.MapRunFailed, mapRunFailedEventDetails=details)


def _publish(env: Any, event_type: HistoryEventType, **details: Any) -> None:
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=event_type,
        event_details=EventDetails(**details) if details else None,
    )
