"""ItemSelector and ItemBatcher: the input of each child execution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.eval.states import ItemData, MapData
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from localaws.json_object import JsonObject
from localaws.stepfunctions.distributed_map.failures import map_failure

LARGEST_INPUT = 262_144  # bytes of a child execution's input


@dataclass(frozen=True)
class ChildInput:
    content: Any
    item_count: int


def child_inputs(state: Any, env: Any, state_input: Any, items: list[Any]) -> list[ChildInput]:
    """Select from the items and put them into batches, where the state says so."""
    selected = _select(state, env, state_input, items)
    if state.distributed.batcher is None:
        return [ChildInput(item, 1) for item in selected]
    settings = _evaluate(state.distributed.batcher, env, state_input)
    most_items = _limit(env, settings, "MaxItemsPerBatch") or len(selected)
    most_bytes = _limit(env, settings, "MaxInputBytesPerBatch") or LARGEST_INPUT
    common = {"BatchInput": settings["BatchInput"]} if "BatchInput" in settings else {}
    return [
        ChildInput({**common, "Items": batch}, len(batch))
        for batch in _batches(selected, most_items, most_bytes, common)
    ]


def _select(state: Any, env: Any, state_input: Any, items: list[Any]) -> list[Any]:
    template = state.item_selector or state.parameters
    if template is None:
        return items
    selected = []
    for index, item in enumerate(items):
        place = MapData(Item=ItemData(Index=index, Value=item))
        selected.append(_evaluate(template, env, state_input, place))
    return selected


def _evaluate(template: Any, env: Any, state_input: Any, place: MapData | None = None) -> Any:
    """The value of a payload template; `place` is what $$.Map is in it."""
    frame = env.open_inner_frame()
    try:
        if place is not None:
            frame.states.context_object.context_object_data["Map"] = place
        frame.states.reset(input_value=state_input)
        frame.stack.append(state_input)
        template.eval(frame)
        return frame.stack[-1]
    finally:
        env.delete_frame(frame)


def _limit(env: Any, settings: JsonObject, name: str) -> int:
    value = settings.get(name, 0)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    cause = f"The {name} field refers to value {to_json_str(value)} which is not a valid integer."
    raise map_failure(env, StatesErrorNameType.StatesRuntime, cause)


def _batches(
    items: list[Any], most_items: int, most_bytes: int, common: JsonObject
) -> Iterator[list[Any]]:
    empty = len(to_json_str({**common, "Items": []}).encode())
    batch: list[Any] = []
    size = empty
    for item in items:
        item_size = len(to_json_str(item).encode()) + 1  # with the comma
        if batch and (len(batch) == most_items or size + item_size > most_bytes):
            yield batch
            batch, size = [], empty
        batch.append(item)
        size += item_size
    if batch:
        yield batch
