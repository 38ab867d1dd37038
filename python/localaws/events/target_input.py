"""What a target of a rule receives: the event, a part of it, a constant, or a filled template."""

from __future__ import annotations

import json
import re
from typing import Any

from localaws.json_object import JsonObject

STRING = re.compile(r'("(?:[^"\\]|\\.)*")')
VARIABLE = re.compile(r"<([\w.\-]+)>")
STEP = re.compile(r"\.([\w\-]+)|\[(\d+)\]")


def of_target(target: JsonObject, event: JsonObject, rule_arn: str) -> str:
    """The text to deliver, from the target's Input, InputPath or InputTransformer."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(_select(target["InputPath"], event))
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(event)
    variables = {
        "aws.events.rule-arn": rule_arn,
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": event["time"],
    }
    for name, path in transformer.get("InputPathsMap", {}).items():
        variables[name] = _select(path, event)
    return _fill(transformer["InputTemplate"], variables)


def _fill(template: str, variables: JsonObject) -> str:
    """A variable inside a JSON string becomes bare text, any other one becomes JSON."""

    def as_json(variable: re.Match[str]) -> str:
        return json.dumps(variables.get(variable[1]))

    def as_text(variable: re.Match[str]) -> str:
        value = variables.get(variable[1])
        text = value if isinstance(value, str) else json.dumps(value)
        return json.dumps(text)[1:-1]

    text = ""
    for index, part in enumerate(STRING.split(template)):
        # Every second part is a JSON string.
        text += VARIABLE.sub(as_text if index % 2 else as_json, part)
    return text


def _select(path: str, event: JsonObject) -> Any:
    value: Any = event
    for name, index in STEP.findall(path):
        try:
            value = value[name or int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return value
