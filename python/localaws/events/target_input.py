"""What a target of a rule gets: the event, a part of it, a constant, or a template filled from it."""

from __future__ import annotations

import json
import re
from typing import Any

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
PLACE = re.compile(r"<([\w.\-]+)>")
STEP = re.compile(r"\.([\w\-]+)|\[(\d+)\]")


def of_target(target: dict[str, Any], event: dict[str, Any], rule_arn: str) -> str:
    """The text that is handed over, as EventBridge makes it from the target's Input, InputPath or InputTransformer."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(_at(target["InputPath"], event))
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(event)
    values = {name: _at(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    known = {
        "aws.events.rule-arn": rule_arn,
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": event["time"],
    }
    return _filled(transformer["InputTemplate"], {**known, **values})


def _filled(template: str, values: dict[str, Any]) -> str:
    """A place inside of a JSON string takes bare text, any other one takes JSON."""

    def as_json(place: re.Match[str]) -> str:
        return json.dumps(values.get(place[1]))

    def as_text(place: re.Match[str]) -> str:
        value = values.get(place[1])
        return json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]

    pieces, end = [], 0
    for string in STRING.finditer(template):
        pieces += [
            PLACE.sub(as_json, template[end : string.start()]),
            PLACE.sub(as_text, string[0]),
        ]
        end = string.end()
    return "".join([*pieces, PLACE.sub(as_json, template[end:])])


def _at(path: str, event: dict[str, Any]) -> Any:
    value: Any = event
    for name, index in STEP.findall(path):
        try:
            value = value[name] if name else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return value
