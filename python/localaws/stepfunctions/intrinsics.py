"""Intrinsic functions: escapes in their string literals, braces in templates, and text as UTF-8."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
    StringIntrinsicFunction,
)
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.generic import (
    string_format,
)
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.json_manipulation import (  # noqa: E501
    json_to_string as moto_json_to_string,
)
from moto.stepfunctions.parser.asl.parse.intrinsic import preprocessor as intrinsic_preprocessor
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from localaws.server.patching import change
from localaws.stepfunctions.failures import input_text, runtime_failure

ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@change(Preprocessor)
def visitString_intrinsic_function(moto: Any, self: Any, ctx: Any) -> Any:  # noqa: N802  moto's name
    """moto passes on the text as the definition spells it, but it is a JSON string.

    Its lexer refuses line breaks in a literal, so that they stay escapes until it is read.
    """
    token = ctx.STRINGINTRINSICFUNC().symbol
    text = json.loads(token.text)
    for letter, character in ESCAPES.items():
        text = text.replace(character, f"\\{letter}")
    token.text = f'"{text}"'
    return moto(self, ctx)


@change(intrinsic_preprocessor.Preprocessor)
def _text_of_str(_moto: Any, parse_tree: Any) -> str:
    def unescape(match: re.Match[str]) -> str:
        return ESCAPES.get(match[1], match[1])

    return re.sub(r"\\(.)", unescape, parse_tree.getText()[1:-1])


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


@change(StringIntrinsicFunction, "_eval_body")
def call_intrinsic_function(moto: Any, self: Any, env: Any) -> None:
    """moto reports Python's exception in place of what is wrong with the arguments."""
    try:
        moto(self, env)
    except FailureEventException:
        raise
    except NoSuchJsonPathError as error:
        raise _failed_call(
            self,
            env,
            f"The JsonPath argument for the field '{error.json_path}' could not be found "
            f"in the input '{input_text(env, error.data)}'",
        ) from None
    except Exception:
        name = self.intrinsic_function_derivation.partition("(")[0]
        raise _failed_call(self, env, f"Invalid arguments in {name}") from None


def _failed_call(function: Any, env: Any, reason: str) -> FailureEventException:
    call = function.intrinsic_function_derivation
    return runtime_failure(env, f"The function '{call}' had the following error: {reason}")
