"""The fields of a distributed Map that moto's grammar refuses: kept beside the parsed state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (  # noqa: E501
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import (
    StateParallel,
)
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from localaws.json_object import JsonObject
from localaws.server.patching import change

READER_VALUES = {
    "InputType": {"CSV", "JSON", "JSONL", "MANIFEST"},
    "CSVHeaderLocation": {"FIRST_ROW", "GIVEN"},
    "CSVDelimiter": {"COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"},
    "ManifestType": {"ATHENA_DATA", "S3_INVENTORY"},
    "Transformation": {"LOAD_AND_FLATTEN", "NONE"},
}
WRITER_VALUES = {
    "OutputType": {"JSON", "JSONL"},
    "Transformation": {"COMPACT", "FLATTEN", "NONE"},
}


@dataclass
class MapSettings:
    """`batcher` evaluates what ItemBatcher holds; it is a payload template like Parameters."""

    reader: JsonObject = field(default_factory=dict)
    writer: JsonObject = field(default_factory=dict)
    tolerates_count: bool = False
    tolerates_percentage: bool = False
    has_express_children: bool = False
    batcher: Any = None


@change(AmazonStateLanguageParser)
def parse(moto: Any, definition: str) -> Any:
    content = json.loads(definition)
    maps = [state for state in _states(content) if _is_distributed(state)]
    if not maps:
        return moto(definition)
    all_settings = [_take(moto, state) for state in maps]
    program, tree = moto(json.dumps(content, ensure_ascii=False))
    components = [
        state
        for state in _components(program.states)
        if isinstance(state, StateMap)
        and isinstance(state.iteration_component, DistributedIterationComponent)
    ]
    for component, settings in zip(components, all_settings, strict=True):
        component.distributed = settings
    return program, tree


def _states(machine: JsonObject) -> Iterator[JsonObject]:
    """Every state of a definition, also of the inner machines, in the order of the text."""
    for state in machine["States"].values():
        yield state
        for inner in [*state.get("Branches", []), *_processors(state)]:
            yield from _states(inner)


def _components(states: Any) -> Iterator[Any]:
    """Every parsed state in the same order."""
    for state in states.states.values():
        yield state
        if isinstance(state, StateParallel):
            for program in state.branches.programs:
                yield from _components(program.states)
        elif isinstance(state, StateMap):
            yield from _components(state.iteration_component._states)


def _processors(state: JsonObject) -> list[JsonObject]:
    return [state[name] for name in ("ItemProcessor", "Iterator") if name in state]


def _is_distributed(state: JsonObject) -> bool:
    modes = [
        processor.get("ProcessorConfig", {}).get("Mode", "INLINE")
        for processor in _processors(state)
    ]
    return state["Type"] == "Map" and "DISTRIBUTED" in modes


def _take(moto: Any, state: JsonObject) -> MapSettings:
    """The settings of a state, which then holds only what moto understands."""
    settings = MapSettings(
        tolerates_count=_has(state, "ToleratedFailureCount"),
        tolerates_percentage=_has(state, "ToleratedFailurePercentage"),
    )
    for processor in _processors(state):
        config = processor["ProcessorConfig"]
        settings.has_express_children = config.get("ExecutionType") == "EXPRESS"
        config["ExecutionType"] = "STANDARD"  # moto knows no other
    if "ToleratedFailurePercentage" in state:  # moto reads no whole numbers
        state["ToleratedFailurePercentage"] = float(state["ToleratedFailurePercentage"])
    reader = state.get("ItemReader", {})
    if "ReaderConfig" in reader:
        settings.reader = reader["ReaderConfig"]
        _check_values(settings.reader, READER_VALUES)
        limits = {
            name: value for name, value in settings.reader.items() if name.startswith("MaxItems")
        }
        reader["ReaderConfig"] = {"InputType": "JSON", **limits}
    writer = state.get("ResultWriter", {})
    if "ResultWriter" in state and not writer:
        raise ValueError("The ResultWriter field cannot be empty.")
    settings.writer = writer.pop("WriterConfig", {})
    _check_values(settings.writer, WRITER_VALUES)
    if "Resource" not in writer:
        state.pop("ResultWriter", None)
    if "ItemBatcher" in state:
        settings.batcher = _template(moto, state.pop("ItemBatcher"))
    return settings


def _has(state: JsonObject, name: str) -> bool:
    return name in state or f"{name}Path" in state


def _check_values(settings: JsonObject, allowed: dict[str, set[str]]) -> None:
    for name, values in allowed.items():
        if settings.get(name, next(iter(values))) not in values:
            raise ValueError(f"{name} must be one of {', '.join(sorted(values))}.")


def _template(moto: Any, batcher: JsonObject) -> Any:
    """The parsed template: as the parameters of a state, which moto can parse."""
    limits = {
        f"{name.removesuffix('Path')}.$" if name.endswith("Path") else name: value
        for name, value in batcher.items()
    }
    state = {"Type": "Pass", "Parameters": limits, "End": True}
    program, _ = moto(json.dumps({"StartAt": "Batch", "States": {"Batch": state}}))
    return program.states.states["Batch"].parameters
