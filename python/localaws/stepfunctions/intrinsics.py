"""Intrinsic functions: the escapes of their string literals, templates with braces of their own, and text as UTF-8."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.generic.string_format import (
    StringFormat,
)
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.json_manipulation.json_to_string import (
    JsonToString,
)
from moto.stepfunctions.parser.asl.parse.intrinsic.preprocessor import (
    Preprocessor as IntrinsicReader,
)
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from localaws.server.patching import change


@change(Preprocessor)
def visitString_intrinsic_function(moto: Any, self: Any, ctx: Any) -> Any:  # noqa: N802 (moto's name)
    """moto hands on the text as the definition spells it; what stands in a JSON string has to be read as one."""
    token = ctx.STRINGINTRINSICFUNC().symbol
    token.text = f'"{json.loads(token.text)}"'
    return moto(self, ctx)


@change(IntrinsicReader)
def _text_of_str(_moto: Any, parse_tree: Any) -> str:
    return re.sub(r"\\(.)", r"\1", parse_tree.getText()[1:-1])


@change(StringFormat)
def _eval_body(_moto: Any, self: Any, env: Any) -> None:
    """Each {} in turn gets a value. str.format, which moto takes, stumbles over any other brace."""
    self.argument_list.eval(env=env)
    template, *values = env.stack.pop()
    texts = template.split(self._DELIMITER)
    if len(texts) != len(values) + 1:
        raise ValueError(
            f"States.Format: {len(texts) - 1} places for {len(values)} values in '{template}'"
        )
    pieces = [
        piece
        for value, text in zip(values, texts[1:], strict=True)
        for piece in (self._to_str_repr(value), text)
    ]
    env.stack.append("".join([texts[0], *pieces]))


@change(JsonToString, "_eval_body")
def json_to_string(_moto: Any, self: Any, env: Any) -> None:
    self.argument_list.eval(env=env)
    env.stack.append(json.dumps(env.stack.pop().pop(), separators=(",", ":"), ensure_ascii=False))
