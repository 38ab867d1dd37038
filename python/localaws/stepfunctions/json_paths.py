"""Paths that lead nowhere: why, in the words of the library that AWS evaluates them with."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.common.assign.assign_template_binding import (
    AssignTemplateBindingStringExpressionSimple,
)
from moto.stepfunctions.parser.asl.component.common.path.input_path import InputPath
from moto.stepfunctions.parser.asl.component.common.path.items_path import ItemsPath
from moto.stepfunctions.parser.asl.component.common.path.output_path import OutputPath
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJsonPath
from moto.stepfunctions.parser.asl.component.common.timeouts.heartbeat import HeartbeatSecondsPath
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSecondsPath
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from localaws.server.patching import change, fill
from localaws.stepfunctions.failures import input_text, runtime_failure
from localaws.stepfunctions.json_path_results import steps

NULL_INPUT = "Unable to apply Path transformation to null or empty input."
JAVA_CLASSES = {
    bool: "java.lang.Boolean",
    dict: "java.util.LinkedHashMap",
    float: "java.lang.Double",
    int: "java.lang.Integer",
    list: "java.util.ArrayList",
    str: "java.lang.String",
    type(None): "null",
}
PROVIDER = "com.jayway.jsonpath.spi.json.JacksonJsonProvider"


@change(StringJsonPath)
def _eval_body(moto: Any, self: Any, env: Any) -> None:
    """Note which field the path is for: it is another one by the time the state fails."""
    try:
        moto(self, env)
    except NoSuchJsonPathError as error:
        error.add_note(env.next_field_name or "")
        raise


@change(InputPath, "_eval_body")
def input_path(moto: Any, self: Any, env: Any) -> None:
    if self.string_sampler is None:
        moto(self, env)
        return
    env.stack.append(env.states.get_input())
    _sample(self, env)


@change(OutputPath, "_eval_body")
def output_path(moto: Any, self: Any, env: Any) -> None:
    if self.string_sampler is None:
        moto(self, env)
        return
    _sample(self, env)
    env.states.reset(env.stack.pop())


@change(ItemsPath, "_eval_body")
def items_path(_moto: Any, self: Any, env: Any) -> None:
    _sample(self, env)
    if not isinstance(env.stack[-1], list):
        path = self.string_sampler.literal_value
        raise runtime_failure(env, f'Reference path "{path}" must point to array.')


@fill(AssignTemplateBindingStringExpressionSimple)
def _field_name(self: Any) -> str:
    """The field of an ItemSelector, for the cause of a path that finds nothing."""
    return f"{self.identifier}.$"


@change(TimeoutSecondsPath)
def _eval_seconds(_moto: Any, self: Any, env: Any) -> Any:
    _sample(self, env)
    return env.stack.pop()


@change(HeartbeatSecondsPath, "_eval_seconds")
def heartbeat_seconds(_moto: Any, self: Any, env: Any) -> Any:
    _sample(self, env)
    return env.stack.pop()


def _sample(component: Any, env: Any) -> None:
    try:
        component.string_sampler.eval(env=env)
    except NoSuchJsonPathError as error:
        raise runtime_failure(env, invalid_path(error.json_path, error.data)) from None


def invalid_path(path: str, data: Any) -> str:
    if data is None:
        return NULL_INPUT
    return f"Invalid path '{path}' : {why_missing(path, data)}"


def missing_in_template(env: Any, error: NoSuchJsonPathError) -> str:
    """The cause of a path of a payload template that finds nothing."""
    if error.data is None:
        return NULL_INPUT
    field = error.__notes__[0] if getattr(error, "__notes__", None) else env.next_field_name
    return (
        f"The JSONPath '{error.json_path}' specified for the field '{field}' "
        f"could not be found in the input '{input_text(env, error.data)}'"
    )


def why_missing(path: str, data: Any) -> str:
    """Where a definite path ends, as com.jayway.jsonpath tells it."""
    tokens = steps(path)
    parent = "$"
    value = data
    for place, token in enumerate(tokens):
        is_last = place == len(tokens) - 1
        if isinstance(token, int):
            if not isinstance(value, list):
                return (
                    f"Filter: [{token}] can only be applied to arrays. "
                    f"Current context is: {_text(value)}"
                )
            if token >= len(value):
                break
        elif not isinstance(value, dict):
            return (
                f"Expected to find an object with property ['{token}'] in path {parent} "
                f"but found '{JAVA_CLASSES[type(value)]}'. This is not a json object according "
                f"to the JsonProvider: '{PROVIDER}'."
            )
        elif token not in value:
            if is_last:
                break
            return f"Missing property in path {parent}{_step(token)}"
        value = value[token]
        parent += _step(token)
    return "No results for path: $" + "".join(_step(token) for token in tokens)


def _step(token: str | int) -> str:
    return f"[{token}]" if isinstance(token, int) else f"['{token}']"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else to_json_str(value)
