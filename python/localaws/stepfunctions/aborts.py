"""What runs beside a branch or an iteration that fails: aborted at once, with events that say so.

In moto the others go on, and their events appear among those of the states that follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType, MapIterationEventDetails
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (  # noqa: E501
    InlineIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branch_worker import (
    BranchWorker,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext

from localaws.server.patching import change

# The types of states that take time: no other can be aborted.
ABORTED = {
    f"{name}StateEntered": HistoryEventType(f"{name}StateAborted")
    for name in ("Map", "Parallel", "Task", "Wait")
}


@change(Environment)
def open_frame(moto: Any, self: Any, *args: Any, **settings: Any) -> Any:
    return _with_item(self, moto(self, *args, **settings))


@change(Environment)
def open_inner_frame(moto: Any, self: Any, *args: Any, **settings: Any) -> Any:
    return _with_item(self, moto(self, *args, **settings))


def _with_item(env: Any, frame: Any) -> Any:
    """Every state of an iteration sees its item. moto shows it to the first frame only."""
    item = env.states.context_object.context_object_data.get("Map")
    if item:
        frame.states.context_object.context_object_data["Map"] = item
    return frame


@change(Environment)
def close_frame(moto: Any, self: Any, frame: Any) -> None:
    """A task whose time is over may still run, but is no part of the history any more."""
    moto(self, frame)
    for inner in _tree(frame):
        inner.event_history_context.is_closed = True


@change(BranchWorker)
def stop(moto: Any, self: Any, *args: Any, **reason: Any) -> None:
    _abort(self.env)
    moto(self, *args, **reason)


@change(InlineIterationComponent, "_eval_body")
def evaluate_iterations(moto: Any, self: Any, env: Any) -> None:
    """moto starts the workers of the iterations, each with a frame, in frames of `env`."""
    map_name = env.stack[-1].state_name
    before = list(env._frames)
    try:
        moto(self, env)
    except Exception:
        for worker_frame in [frame for frame in env._frames if frame not in before]:
            for frame in list(worker_frame._frames):
                _abort(frame, map_name)
            worker_frame.set_ended()
            env.close_frame(worker_frame)
        raise


def _abort(frame: Any, map_name: str | None = None) -> None:
    """Abort a branch, or an iteration of the Map state `map_name`, where it still runs."""
    if not frame.is_running():
        return
    aborted: set[int] = set()
    context = EventHistoryContext(frame.event_history_context.source_event_id)
    for inner in reversed(list(_tree(frame))):  # the innermost state first
        latest = inner.event_history_context.source_event_id
        context.source_event_id = max(context.source_event_id, latest)
        event = _entered_event(inner, latest)
        if event is None or event["id"] in aborted:
            continue
        aborted.add(event["id"])
        aborted_type = ABORTED.get(event["type"])
        if aborted_type:
            frame.event_manager.add_event(context=context, event_type=aborted_type)
    if map_name is not None:
        item = frame.states.context_object.context_object_data["Map"]["Item"]
        details = MapIterationEventDetails(name=map_name, index=item["Index"])
        frame.event_manager.add_event(
            context=context,
            event_type=HistoryEventType.MapIterationAborted,
            event_details=EventDetails(mapIterationAbortedEventDetails=details),
        )
    frame.set_ended()


def _entered_event(frame: Any, event_id: int) -> Any:
    """The event at which the state that `frame` evaluates was entered."""
    history = frame.event_manager._history_event_list
    while event_id:
        event = history[event_id - 1]
        if event["type"].endswith("StateEntered"):
            return event
        if event["type"].endswith(("StateExited", "MapIterationStarted")):
            return None  # between two states
        event_id = event["previousEventId"]
    return None


def _tree(frame: Any) -> Iterator[Any]:
    """A frame and those inside of it, outer ones first."""
    yield frame
    for inner in list(frame._frames):
        yield from _tree(inner)
