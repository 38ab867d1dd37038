"""Intrinsic functions: escapes in their string literals, braces in templates, and text as UTF-8."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.generic import (
    string_format,
)
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.json_manipulation import (  # noqa: E501
    json_to_string as moto_json_to_string,
)
from moto.stepfunctions.parser.asl.parse.intrinsic import preprocessor as intrinsic_preprocessor
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from localaws.server.patching import change


@change(Preprocessor)
def visitString_intrinsic_function(moto: Any, self: Any, ctx: Any) -> Any:  # noqa: N802  moto's name
    """moto passes on the text as the definition spells it, but it is a JSON string."""
    token = ctx.STRINGINTRINSICFUNC().symbol
    token.text = f'"{json.loads(token.text)}"'
    return moto(self, ctx)


@change(intrinsic_preprocessor.Preprocessor)
def _text_of_str(_moto: Any, parse_tree: Any) -> str:
    return re.sub(r"\\(.)", r"\1", parse_tree.getText()[1:-1])


@change(string_format.StringFormat)
def _eval_body(_moto: Any, self: Any, env: Any) -> None:
    """Each {} in turn gets a value. moto uses str.format, which fails at any other brace."""
    self.argument_list.eval(env=env)
    template, *values = env.stack.pop()
    first, *rest = template.split(self._DELIMITER)
    if len(rest) != len(values):
        raise ValueError(
            f"States.Format: {len(rest)} places for {len(values)} values in '{template}'"
        )
    text = first
    for value, following in zip(values, rest, strict=True):
        text += self._to_str_repr(value) + following
    env.stack.append(text)


@change(moto_json_to_string.JsonToString, "_eval_body")
def json_to_string(_moto: Any, self: Any, env: Any) -> None:
    self.argument_list.eval(env=env)
    (value,) = env.stack.pop()
    env.stack.append(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
