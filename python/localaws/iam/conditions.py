"""Conditions of IAM policies: every operator but BinaryEquals.

Source: "IAM JSON policy elements: Condition operators" in AWS's IAM user guide. A request may have
several values for a key (ForAllValues, ForAnyValue). An operator that IAM does not know is not met.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from localaws.iam.patterns import Context, fill_variables, matches_arn, matches_text, plain

Test = Callable[[str, str], bool]


def are_met(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    return all(
        _is_met(operator, key, as_texts(expected), context)
        for operator, block in conditions.items()
        for key, expected in block.items()
    )


def as_texts(value: Any) -> list[str]:
    """A policy's value or list of values; JSON's true is "true"."""
    values = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in values]


def _is_met(operator: str, key: str, expected: list[str], context: Context) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    actual = context.get(key.lower())
    if name == "Null":
        return (actual is None) == (expected[0] == "true")
    if name not in TESTS:
        return False
    test, negated = TESTS[name]
    if not actual:
        if quantifier == "ForAnyValue":
            return False
        return if_exists or negated or quantifier == "ForAllValues"
    wanted = [filled for text in expected if (filled := fill_variables(text, context)) is not None]
    met = (_passes(test, value, wanted) != negated for value in actual)
    return any(met) if quantifier == "ForAnyValue" else all(met)


def _passes(test: Test, actual: str, expected: list[str]) -> bool:
    return any(_try(test, actual, value) for value in expected)


def _try(test: Test, actual: str, expected: str) -> bool:
    """A value that is no number, time or address passes no test."""
    try:
        return test(actual, expected)
    except ValueError:
        return False


def _number(compare: Callable[[float, float], bool]) -> Test:
    return lambda actual, expected: compare(float(actual), float(expected))


def _time(compare: Callable[[float, float], bool]) -> Test:
    return lambda actual, expected: compare(_seconds(actual), _seconds(expected))


def _seconds(text: str) -> float:
    """Of a time in ISO 8601 or in seconds of the epoch."""
    if text.replace(".", "", 1).isdigit():
        return float(text)
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _is_in_network(actual: str, expected: str) -> bool:
    return ipaddress.ip_address(actual) in ipaddress.ip_network(expected, strict=False)


def _equals(actual: str, expected: str) -> bool:
    return actual == plain(expected)


def _equals_ignoring_case(actual: str, expected: str) -> bool:
    return _equals(actual.lower(), expected.lower())


# By operator: its test, and whether none of the expected values may pass it.
TESTS: dict[str, tuple[Test, bool]] = {
    "StringEquals": (_equals, False),
    "StringNotEquals": (_equals, True),
    "StringEqualsIgnoreCase": (_equals_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_equals_ignoring_case, True),
    "StringLike": (matches_text, False),
    "StringNotLike": (matches_text, True),
    "ArnEquals": (matches_arn, False),
    "ArnLike": (matches_arn, False),
    "ArnNotEquals": (matches_arn, True),
    "ArnNotLike": (matches_arn, True),
    "Bool": (_equals_ignoring_case, False),
    "NumericEquals": (_number(float.__eq__), False),
    "NumericNotEquals": (_number(float.__eq__), True),
    "NumericLessThan": (_number(float.__lt__), False),
    "NumericLessThanEquals": (_number(float.__le__), False),
    "NumericGreaterThan": (_number(float.__gt__), False),
    "NumericGreaterThanEquals": (_number(float.__ge__), False),
    "DateEquals": (_time(float.__eq__), False),
    "DateNotEquals": (_time(float.__eq__), True),
    "DateLessThan": (_time(float.__lt__), False),
    "DateLessThanEquals": (_time(float.__le__), False),
    "DateGreaterThan": (_time(float.__gt__), False),
    "DateGreaterThanEquals": (_time(float.__ge__), False),
    "IpAddress": (_is_in_network, False),
    "NotIpAddress": (_is_in_network, True),
}
