"""Violations of a service model's constraints, in AWS's words."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.model import ServiceModel
from eventually import eventually

from localaws.server.constraints import Compiler, message

SHAPES = {
    "Request": {
        "type": "structure",
        "required": ["JobName"],
        "members": {
            "JobName": {"shape": "Name"},
            "Count": {"shape": "Count"},
            "Kind": {"shape": "Kind"},
            "Tags": {"shape": "Tags"},
            "Groups": {"shape": "Names"},
            "Metadata": {"shape": "Metadata"},
            "Secret": {"shape": "Secret"},
            "Body": {"shape": "Body"},
            "Filter": {"shape": "Filter"},
            "Free": {"shape": "Free"},
        },
    },
    "Name": {"type": "string", "pattern": "[a-z]+", "min": 1, "max": 5},
    "Count": {"type": "integer", "min": 1, "max": 3},
    "Kind": {"type": "string", "enum": ["One", "Two"]},
    "Names": {"type": "list", "member": {"shape": "Name"}, "max": 2},
    "Tags": {"type": "list", "member": {"shape": "Tag"}, "max": 2},
    "Tag": {
        "type": "structure",
        "required": ["Key"],
        "members": {"Key": {"shape": "Name"}, "Value": {"shape": "Free"}},
    },
    "Metadata": {
        "type": "map",
        "key": {"shape": "Name"},
        "value": {"shape": "Value"},
        "max": 2,
    },
    "Value": {"type": "string", "pattern": "[a-z ]*", "min": 0},
    "Secret": {"type": "string", "min": 6, "sensitive": True},
    "Body": {"type": "blob", "max": 2},
    "Filter": {
        "type": "structure",
        "members": {"Not": {"shape": "Filter"}, "Name": {"shape": "Name"}},
    },
    "Free": {"type": "string"},
}
SHORT = "Member must have length less than or equal to 5"
LONG = "Member must have length greater than or equal to 1"
PATTERN = "Member must satisfy regular expression pattern: [a-z]+"
KEYS = "Map keys must satisfy constraint"
CASES = [
    ({"JobName": "abc", "Count": 2, "Tags": [{"Key": "a"}], "Filter": {"Not": {}}}, []),
    ({}, ["Value null at 'jobName' failed to satisfy constraint: Member must not be null"]),
    ({"JobName": "A"}, [f"Value 'A' at 'jobName' failed to satisfy constraint: {PATTERN}"]),
    (
        {"JobName": ""},
        [
            f"Value '' at 'jobName' failed to satisfy constraint: {PATTERN}",
            f"Value '' at 'jobName' failed to satisfy constraint: {LONG}",
        ],
    ),
    (
        {"Count": 4},
        [
            "Value '4' at 'count' failed to satisfy constraint: "
            "Member must have value less than or equal to 3"
        ],
    ),
    (
        {"Kind": "Three"},
        [
            "Value 'Three' at 'kind' failed to satisfy constraint: "
            "Member must satisfy enum value set: [One, Two]"
        ],
    ),
    (
        {"Tags": [{"Key": "a"}, {"Key": "B"}]},
        [f"Value 'B' at 'tags.2.member.key' failed to satisfy constraint: {PATTERN}"],
    ),
    (
        {"Tags": [{"Key": "a", "Value": "x"}] * 3},
        [
            "Value '[{Key=a, Value=x}, {Key=a, Value=x}, {Key=a, Value=x}]' at 'tags' failed to "
            "satisfy constraint: Member must have length less than or equal to 2"
        ],
    ),
    (
        {"Groups": ["a", "B"]},
        [
            "Value '[a, B]' at 'groups' failed to satisfy constraint: "
            f"Member must satisfy constraint: [{PATTERN}, {SHORT}, {LONG}]"
        ],
    ),
    (
        {"Metadata": {"source": "~", "A": "b"}},
        [
            "Value '{source=~, A=b}' at 'metadata' failed to satisfy constraint: "
            f"{KEYS}: [{PATTERN}, {SHORT}, {LONG}]",
            "Value '{source=~, A=b}' at 'metadata' failed to satisfy constraint: Map value must "
            "satisfy constraint: [Member must satisfy regular expression pattern: [a-z ]*, "
            "Member must have length greater than or equal to 0]",
        ],
    ),
    (
        {"Secret": "short"},
        [
            "Value at 'secret' failed to satisfy constraint: "
            "Member must have length greater than or equal to 6"
        ],
    ),
    (
        {"Body": b"abc"},
        [
            "Value 'java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]' at 'body' failed to satisfy "
            "constraint: Member must have length less than or equal to 2"
        ],
    ),
    (
        {"Filter": {"Not": {"Not": {"Name": "A"}}}},
        [f"Value 'A' at 'filter.not.not.name' failed to satisfy constraint: {PATTERN}"],
    ),
]


def violations(request: dict[str, Any], exempt: frozenset[str] = frozenset()) -> list[str]:
    shape = ServiceModel({"shapes": SHAPES}).shape_for("Request")
    check = Compiler(exempt).compile(shape)
    assert check is not None
    found: list[str] = []
    check(request, "", found)
    return found


@pytest.mark.parametrize(("request_", "expected"), CASES, ids=[str(case[0])[:40] for case in CASES])
def test_a_violation_is_named_as_aws_names_it(
    request_: dict[str, Any], expected: list[str]
) -> None:
    named = {"JobName": "abc", **request_} if request_ else request_
    assert violations(named) == expected


def test_an_exempt_shape_is_not_checked() -> None:
    assert violations({"JobName": "A1"}, frozenset({"Name"})) == []


def test_a_shape_without_constraints_costs_nothing() -> None:
    shape = ServiceModel({"shapes": SHAPES}).shape_for("Free")
    assert Compiler(frozenset()).compile(shape) is None


def test_the_message_counts_the_violations() -> None:
    assert message(["one"]) == "1 validation error detected: one"
    assert message(["one", "two"]) == "2 validation errors detected: one; two"


class SlowShape:
    """A shape whose compilation waits for a sign."""

    name = "Slow"

    def __init__(self) -> None:
        self.metadata = {"min": 1}
        self.compiling = threading.Event()
        self.released = threading.Event()

    @property
    def type_name(self) -> str:
        self.compiling.set()
        assert self.released.wait(60)
        return "string"


def test_two_threads_get_the_same_check_also_while_one_compiles_it() -> None:
    compiler, shape = Compiler(frozenset()), SlowShape()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(compiler.compile, shape)
        assert shape.compiling.wait(60)
        second = threads.submit(compiler.compile, shape)
        eventually(lambda: second.running() or second.done())
        shape.released.set()
        assert first.result() is second.result() is not None
