"""Answers of handlers as JSON, as AWS's Python runtime writes them.

The expected texts come from its encoder (awslambdaric's, on simplejson 4.3).
"""

from __future__ import annotations

import enum
import math
from collections import OrderedDict, namedtuple
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from localaws.functions.marshaller import marshal

Point = namedtuple("Point", ["x", "y"])
Number = enum.IntEnum("Number", ["ONE"])
Colour = enum.Enum("Colour", ["RED"])


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (None, "null"),
        (True, "true"),
        ("text", '"text"'),
        (1.5, "1.5"),
        (2**70, "1180591620717411303424"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        ([], "[]"),
        ({}, "{}"),
        ((1, [2, {}]), "[1, [2, {}]]"),
        ({"b": 1, "a": [True]}, '{"b": 1, "a": [true]}'),
        ({"image_data": b"aGVsbG8="}, '{"image_data": "aGVsbG8="}'),
        ([b"bytes"], '["bytes"]'),
        ({b"key": 1}, '{"key": 1}'),
        (Decimal("1.10"), "1.10"),
        (Decimal("1E+3"), "1E+3"),
        (Decimal("-NaN"), "NaN"),
        (Decimal("Infinity"), "Infinity"),
        (Point(1, 2), '{"x": 1, "y": 2}'),
        (OrderedDict(a=1), '{"a": 1}'),
        (Number.ONE, "1"),
        ({1: 2, None: 3, 1.5: 4}, '{"1": 2, "null": 3, "1.5": 4}'),
        ({True: 1, math.nan: 2}, '{"true": 1, "NaN": 2}'),
        ('quote " and \n', '"quote \\" and \\n"'),
    ],
)
def test_an_answer_becomes_the_text_that_the_real_runtime_writes(answer: Any, text: str) -> None:
    assert marshal(answer, "AWS_Lambda_python3.12") == text


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (datetime(2026, 1, 2), "Object of type datetime is not JSON serializable"),
        ({1, 2}, "Object of type set is not JSON serializable"),
        (bytearray(b"x"), "Object of type bytearray is not JSON serializable"),
        (Colour.RED, "Object of type Colour is not JSON serializable"),
        (iter([1]), "Object of type list_iterator is not JSON serializable"),
        ({(1, 2): 3}, "keys must be str, int, float, bool or None, not tuple"),
        ({Decimal("1.5"): 3}, "keys must be str, int, float, bool or None, not Decimal"),
        ([b"\xff"], "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    ],
)
def test_what_has_no_json_is_refused_in_the_words_of_the_real_runtime(
    answer: Any, message: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        marshal(answer, "AWS_Lambda_python3.12")
    assert str(refused.value) == message


def test_an_answer_that_contains_itself_is_refused() -> None:
    answer: dict[str, Any] = {}
    answer["itself"] = [answer]
    with pytest.raises(ValueError, match="Circular reference detected"):
        marshal(answer, "AWS_Lambda_python3.12")


def test_the_same_object_may_appear_twice() -> None:
    part = [1]
    assert marshal([part, part], "AWS_Lambda_python3.12") == "[[1], [1]]"


def test_letters_are_escaped_until_python_3_11() -> None:
    answer = {"price": "£1"}
    assert marshal(answer, "AWS_Lambda_python3.9") == '{"price": "\\u00a31"}'
    assert marshal(answer, "AWS_Lambda_python3.11") == '{"price": "\\u00a31"}'
    assert marshal(answer, "AWS_Lambda_python3.12") == '{"price": "£1"}'
    assert marshal(answer, "AWS_Lambda_python3.14") == '{"price": "£1"}'
