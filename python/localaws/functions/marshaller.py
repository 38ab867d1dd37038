"""Answers of handlers as JSON text, as AWS's Python runtime writes them.

The runtime (awslambdaric) encodes with simplejson, which differs from the standard library's json:
bytes are UTF-8 text, a Decimal is a number with its own digits, and a named tuple, or anything else
with a method `_asdict`, is an object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

ESCAPED_UNTIL = (3, 11)  # later runtimes write letters beyond ASCII as they are
KEY_TYPES = "str, int, float, bool or None"


def marshal(answer: Any, runtime: str) -> str:
    """The JSON text of `answer`; `runtime` is AWS_EXECUTION_ENV, such as AWS_Lambda_python3.12.

    Raises TypeError, ValueError or RecursionError for what has no JSON.
    """
    _, _, minor = runtime.partition("python3.")
    escaped = minor.isdecimal() and (3, int(minor)) <= ESCAPED_UNTIL
    return "".join(_encode(answer, json.JSONEncoder(ensure_ascii=escaped), []))


def _encode(value: Any, encoder: json.JSONEncoder, parents: list[int]) -> Iterator[str]:
    if isinstance(value, bytes):
        value = value.decode()
    if value is None or isinstance(value, str | int | float):
        yield encoder.encode(value)
    elif isinstance(value, Decimal):
        yield "NaN" if value.is_nan() else str(value)
    elif isinstance(value, dict) or callable(getattr(value, "_asdict", None)):
        yield from _encode_object(value, encoder, parents)
    elif isinstance(value, list | tuple):
        yield from _encode_array(value, encoder, parents)
    else:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _encode_object(value: Any, encoder: json.JSONEncoder, parents: list[int]) -> Iterator[str]:
    fields: Mapping[Any, Any] = value if isinstance(value, dict) else value._asdict()
    inside = _enter(value, parents)
    separator = "{"
    for key, item in fields.items():
        yield separator
        yield encoder.encode(_key(key, encoder))
        yield ": "
        yield from _encode(item, encoder, inside)
        separator = ", "
    yield "}" if fields else "{}"


def _encode_array(value: Any, encoder: json.JSONEncoder, parents: list[int]) -> Iterator[str]:
    inside = _enter(value, parents)
    separator = "["
    for item in value:
        yield separator
        yield from _encode(item, encoder, inside)
        separator = ", "
    yield "]" if value else "[]"


def _enter(value: Any, parents: list[int]) -> list[int]:
    if id(value) in parents:
        raise ValueError("Circular reference detected")
    return [*parents, id(value)]


def _key(key: Any, encoder: json.JSONEncoder) -> str:
    if isinstance(key, bytes):
        return key.decode()
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, int | float):
        return encoder.encode(key)
    raise TypeError(f"keys must be {KEY_TYPES}, not {type(key).__name__}")
