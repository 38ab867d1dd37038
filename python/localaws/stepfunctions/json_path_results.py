"""What a JSONPath finds: one value where it is definite, else a list, also of one or of none.

As in com.jayway.jsonpath, which AWS evaluates paths with. moto makes a list of $.a[0].b, and a
value of $..b where there is one.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from moto.stepfunctions.parser.asl.component.common.string import string_expression
from moto.stepfunctions.parser.asl.component.intrinsic.argument import argument
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations import (  # noqa: E501
    boolean_equals,
    numeric,
    string_operators,
    timestamp_operators,
)
from moto.stepfunctions.parser.asl.eval import states
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from localaws.server.patching import change

QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
INDEFINITE = re.compile(r"\.\.|\.?\*|\[\s*(?:\*|\?|[^\]]*[:,])")
LENGTH = ".length()"
# Names and indices only, in any alphabet: the parser knows ASCII, and has words of its own.
SIMPLE = re.compile(r"\$(?:\.[^.\[\]()*?@'\"\s:,]+|\['[^']*'\]|\[-?\d+\])*")
STEP = re.compile(r"\.([^.\[]+)|\['([^']*)'\]|\[(-?\d+)\]")
MODULES = [
    argument,
    boolean_equals,
    numeric,
    states,
    string_expression,
    string_operators,
    timestamp_operators,
]


def extract_json(_moto: Any, path: str, data: Any) -> Any:
    return find(path, data)


for module in MODULES:
    change(module)(extract_json)


def find(path: str, data: Any) -> Any:
    """Return the value, or the values, at `path`.

    Raises:
        NoSuchJsonPathError: there is nothing at a path that names one value.
    """
    if path.endswith(LENGTH):
        return _length(path, data)
    if SIMPLE.fullmatch(path):
        return _walk(path, data)
    try:
        matches = [match.value for match in json_path.parse(path).find(data)]
    except Exception:  # the parser's own, for a function or a script that it does not know
        raise NoSuchJsonPathError(json_path=path, data=data) from None
    prefix = definite_prefix(path)
    if prefix == path:
        if not matches:
            raise NoSuchJsonPathError(json_path=path, data=data)
        return matches[0]
    if not matches and prefix != "$":
        find(prefix, data)  # raises if there is not even that
    return matches


@functools.lru_cache(1024)
def definite_prefix(path: str) -> str:
    """The path up to the first part that may find more than one value."""
    blank = QUOTED.sub(lambda quoted: "'" + "_" * (len(quoted[0]) - 2) + "'", path)
    first = INDEFINITE.search(blank)
    return path[: first.start()] if first else path


def steps(path: str) -> list[str | int]:
    """The names and the indices of a path that names one value."""
    return [name or quoted or int(index) for name, quoted, index in STEP.findall(path)]


def _walk(path: str, data: Any) -> Any:
    value = data
    for step in steps(path):
        try:
            if isinstance(value, list) != isinstance(step, int):
                raise KeyError(step)
            value = value[step]
        except (LookupError, TypeError):
            raise NoSuchJsonPathError(json_path=path, data=data) from None
    return value


def _length(path: str, data: Any) -> int:
    value = find(path.removesuffix(LENGTH), data)
    if not isinstance(value, list | dict | str):
        raise NoSuchJsonPathError(json_path=path, data=data)
    return len(value)
