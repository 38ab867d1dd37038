"""Conditions of policies, by operator, also of keys that a request lacks."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.iam.conditions import are_met

CONTEXT = {
    "aws:sourceaccount": ("123456789012",),
    "aws:sourcearn": ("arn:aws:events:us-east-1:123456789012:rule/drivers/bicycle",),
    "aws:securetransport": ("true",),
    "aws:sourceip": ("10.1.2.3",),
    "aws:currenttime": ("2026-11-21T12:00:00Z",),
    "s3:max-keys": ("10",),
    "aws:username": ("ann",),
    "aws:tagkeys": ("project", "owner"),
}
RULES = "arn:aws:events:*:*:rule/drivers/*"


@pytest.mark.parametrize(
    ("operator", "key", "expected"),
    [
        ("StringEquals", "aws:SourceAccount", "123456789012"),
        ("StringEquals", "AWS:SourceAccount", ["1", "123456789012"]),
        ("StringEquals", "aws:username", "${aws:username}"),
        ("StringNotEquals", "aws:SourceAccount", "1"),
        ("StringNotEquals", "aws:absent", "1"),
        ("StringEqualsIgnoreCase", "aws:username", "ANN"),
        ("StringLike", "aws:username", "a*"),
        ("StringNotLike", "aws:username", ["b*", "c*"]),
        ("StringEqualsIfExists", "aws:absent", "1"),
        ("ArnLike", "aws:SourceArn", RULES),
        ("ArnEquals", "aws:SourceArn", RULES),
        ("ArnNotLike", "aws:SourceArn", "arn:aws:events:*:*:rule/other/*"),
        ("Bool", "aws:SecureTransport", True),
        ("Bool", "aws:SecureTransport", "true"),
        ("NumericLessThanEquals", "s3:max-keys", "10"),
        ("NumericGreaterThan", "s3:max-keys", 9),
        ("DateGreaterThan", "aws:CurrentTime", "2026-11-21T11:59:59Z"),
        ("DateLessThan", "aws:CurrentTime", "1795262401"),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
        ("NotIpAddress", "aws:SourceIp", "192.168.0.0/16"),
        ("Null", "aws:absent", "true"),
        ("Null", "aws:username", "false"),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["project", "owner", "cost"]),
        ("ForAllValues:StringEquals", "aws:absent", ["project"]),
        ("ForAnyValue:StringEquals", "aws:TagKeys", "owner"),
    ],
)
def test_a_condition_is_met(operator: str, key: str, expected: Any) -> None:
    assert are_met({operator: {key: expected}}, CONTEXT)


@pytest.mark.parametrize(
    ("operator", "key", "expected"),
    [
        ("StringEquals", "aws:SourceAccount", "1"),
        ("StringEquals", "aws:absent", "1"),
        ("StringEquals", "aws:username", "a*"),
        ("StringEquals", "aws:username", "${aws:absent}"),
        ("StringNotEquals", "aws:SourceAccount", ["1", "123456789012"]),
        ("StringLike", "aws:username", "A*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:events:*:rule/drivers/*:*"),
        ("Bool", "aws:SecureTransport", False),
        ("NumericLessThan", "s3:max-keys", "10"),
        ("NumericEquals", "aws:username", "10"),
        ("DateLessThan", "aws:CurrentTime", "2026-11-21T12:00:00Z"),
        ("IpAddress", "aws:SourceIp", "192.168.0.0/16"),
        ("IpAddress", "aws:username", "192.168.0.0/16"),
        ("Null", "aws:absent", "false"),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["project"]),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["cost"]),
        ("ForAnyValue:StringEquals", "aws:absent", ["cost"]),
        ("StringSomehow", "aws:username", "ann"),
    ],
)
def test_a_condition_is_not_met(operator: str, key: str, expected: Any) -> None:
    assert not are_met({operator: {key: expected}}, CONTEXT)


def test_every_condition_of_a_statement_must_be_met() -> None:
    both = {
        "StringEquals": {"aws:username": "ann", "aws:SourceAccount": "123456789012"},
        "Bool": {"aws:SecureTransport": "true"},
    }
    assert are_met(both, CONTEXT)
    assert not are_met({**both, "Bool": {"aws:SecureTransport": "false"}}, CONTEXT)
