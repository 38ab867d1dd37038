"""What paths and intrinsic functions find and return: all of them in one state of one execution.

Sources: "Intrinsic functions" of the Step Functions developer guide, whose examples these are in
part, and the operators of com.jayway.jsonpath.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from accounts import Account
from machines import Machines, machine

INPUT = {
    "list": [{"x": "a", "y": 1}, {"x": "b", "y": 2}],
    "empty": [],
    "numbers": [1, 2, 3, 4, 5, 6, 7, 8, 9],
    "repeated": [1, 2, 3, 3, 3, 3, 3, 3, 4, True, {"a": 1}, {"a": 1}],
    "text": "Grüße",
    "object": {"a": {"a1": 1, "a2": 2}, "b": 2},
    "other": {"a": {"a3": 1, "a4": 2}, "c": 3},
    "a-b": {"c d": 1},
    "größe": {"where": 2},
}
EXPECTED: dict[str, Any] = {
    "$.list[0].y": 1,
    "$.list[-1].y": 2,
    "$.list[*].y": [1, 2],
    "$.list[0:1]": [{"x": "a", "y": 1}],
    "$.list[0:1].y": [1],
    "$.list[?(@.x == 'b')].y": [2],
    "$.list[?(@.x == 'c')].y": [],
    "$.list[?(@.y > 1 && @.x == 'b')].x": ["b"],
    "$.list[*].none": [],
    "$..c": [3],
    "$..none": [],
    "$.empty[*]": [],
    "$.empty[?(@.x == 1)]": [],
    "$.numbers[0,2]": [1, 3],
    "$.numbers.length()": 9,
    "$.object.a.*": [1, 2],
    "$['a-b']['c d']": 1,
    "$.größe.where": 2,
    "States.Array($.text, 1, true)": ["Grüße", 1, True],
    "States.ArrayPartition($.numbers, 4)": [[1, 2, 3, 4], [5, 6, 7, 8], [9]],
    "States.ArrayContains($.numbers, 5)": True,
    "States.ArrayRange(1, 9, 2)": [1, 3, 5, 7, 9],
    "States.ArrayRange(3, 1, -1)": [3, 2, 1],
    "States.ArrayGetItem($.numbers, 5)": 6,
    "States.ArrayLength($.numbers)": 9,
    "States.ArrayUnique($.repeated)": [1, 2, 3, 4, True, {"a": 1}],
    "States.Base64Encode($.text)": "R3LDvMOfZQ==",
    "States.Base64Decode('R3LDvMOfZQ==')": "Grüße",
    "States.Hash('input data', 'SHA-1')": "aaff4a450a104cd177d28d18d74485e8cae074b7",
    "States.JsonMerge($.object, $.other, false)": {"a": {"a3": 1, "a4": 2}, "b": 2, "c": 3},
    "States.StringToJson('[1, {}]')": [1, {}],
    "States.JsonToString($.object)": '{"a":{"a1":1,"a2":2},"b":2}',
    "States.MathAdd(111, -1)": 110,
    "States.MathAdd(-1.5, 1.5)": 1,
    "States.StringSplit('This.is+a,test=string', '.+,=')": ["This", "is", "a", "test", "string"],
    "States.Format('{} is {}', $.text, States.Array(1, 2))": "Grüße is [1, 2]",
}


@pytest.fixture(scope="module")
def found(account: Account) -> dict[str, Any]:
    parameters = {f"{expression}.$": expression for expression in EXPECTED}
    execution = Machines(account).run(
        machine(All={"Type": "Pass", "Parameters": parameters}), INPUT
    )
    values: dict[str, Any] = json.loads(execution["output"])
    return values


@pytest.mark.parametrize("expression", EXPECTED)
def test_an_expression_has_the_documented_value(found: dict[str, Any], expression: str) -> None:
    assert found[expression] == EXPECTED[expression]
