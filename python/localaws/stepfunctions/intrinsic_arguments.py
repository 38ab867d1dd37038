"""Intrinsic functions: values that moto's own functions refuse, or take for others.

Source: docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import base64
import json
from typing import Any

from moto.stepfunctions.parser.asl.component.intrinsic.argument.argument import ArgumentLiteral
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.array import (
    array_get_item,
    array_range,
    array_unique,
)
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.encoding_decoding import (  # noqa: E501
    base_64_decode,
    base_64_encode,
)
from moto.stepfunctions.parser.asl.parse.intrinsic.preprocessor import Preprocessor

from localaws.server.patching import change

LONGEST_TEXT = 10_000  # characters
LARGEST_ARRAY = 1_000  # items


@change(Preprocessor)
def visitFunc_arg_float(_moto: Any, _self: Any, ctx: Any) -> ArgumentLiteral:  # noqa: N802  moto's name
    return ArgumentLiteral(definition_value=float(ctx.getText()))


@change(array_get_item.ArrayGetItem, "_eval_body")
def array_item(_moto: Any, self: Any, env: Any) -> None:
    array, index = _arguments(self, env)
    if index < 0:
        raise IndexError(index)
    env.stack.append(array[index])


@change(array_range.ArrayRange, "_eval_body")
def array_of_range(_moto: Any, self: Any, env: Any) -> None:
    """A negative step counts down."""
    first, last, step = (round(number) for number in _arguments(self, env))
    beyond = last + 1 if step > 0 else last - 1
    numbers = range(first, beyond, step)
    if len(numbers) > LARGEST_ARRAY:
        raise ValueError(len(numbers))
    env.stack.append(list(numbers))


@change(array_unique.ArrayUnique, "_eval_body")
def unique_items(_moto: Any, self: Any, env: Any) -> None:
    """Objects and arrays, too; 1 and true are different."""
    (array,) = _arguments(self, env)
    if not isinstance(array, list):
        raise TypeError(array)
    unique: dict[str, Any] = {}
    for item in array:
        unique.setdefault(json.dumps(item, sort_keys=True), item)
    env.stack.append(list(unique.values()))


@change(base_64_encode.Base64Encode, "_eval_body")
def encode(_moto: Any, self: Any, env: Any) -> None:
    (text,) = _arguments(self, env)
    env.stack.append(base64.b64encode(_checked(text).encode()).decode())


@change(base_64_decode.Base64Decode, "_eval_body")
def decode(_moto: Any, self: Any, env: Any) -> None:
    (text,) = _arguments(self, env)
    env.stack.append(base64.b64decode(_checked(text), validate=True).decode())


def _checked(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ValueError(len(text))
    return text


def _arguments(function: Any, env: Any) -> list[Any]:
    function.argument_list.eval(env=env)
    arguments: list[Any] = env.stack.pop()
    return arguments
