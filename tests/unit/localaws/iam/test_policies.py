"""Which statements of a policy apply to a call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.iam import policies
from localaws.iam.patterns import Context
from localaws.iam.policies import Call, Caller

OBJECT = "arn:aws:s3:::bucket/uploads/bike.png"
GET = "s3:GetObject"


def statement(**fields: Any) -> policies.Statement:
    item = {"Effect": "Allow", "Action": GET, "Resource": "*", **fields}
    given = {name: value for name, value in item.items() if value is not None}
    [parsed] = policies.parse(json.dumps({"Statement": given}))
    return parsed


def applies(
    action: str = GET, resource: str = OBJECT, context: Context | None = None, **fields: Any
) -> bool:
    return statement(**fields).applies(Call(action, resource), context or {})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Action": "s3:GetObject"}, True),
        ({"Action": ["s3:PutObject", "S3:getobject"]}, True),
        ({"Action": "s3:Get*"}, True),
        ({"Action": "s3:Get??????"}, True),
        ({"Action": "*"}, True),
        ({"Action": "s3:GetObjectVersion"}, False),
        ({"Action": "s3:Get"}, False),
        ({"Action": None, "NotAction": "s3:PutObject"}, True),
        ({"Action": None, "NotAction": ["s3:Get*"]}, False),
    ],
)
def test_an_action_matches(fields: dict[str, Any], expected: bool) -> None:
    assert applies(**fields) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Resource": OBJECT}, True),
        ({"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::bucket/*"]}, True),
        ({"Resource": "arn:aws:s3:::bucket/uploads/bik?.png"}, True),
        ({"Resource": "arn:aws:s3:::bucket"}, False),
        ({"Resource": "arn:aws:s3:::bucket/uploads"}, False),
        ({"Resource": "arn:aws:s3:::bucket/uploads/bikexpng"}, False),
        ({"Resource": "arn:aws:s3:::bucket/Uploads/*"}, False),
        ({"Resource": None, "NotResource": "arn:aws:s3:::bucket/notices/*"}, True),
        ({"Resource": None, "NotResource": "arn:aws:s3:::bucket/*"}, False),
    ],
)
def test_a_resource_matches(fields: dict[str, Any], expected: bool) -> None:
    assert applies(**fields) is expected


def test_a_wildcard_stays_within_its_segment_of_an_arn() -> None:
    execution = "arn:aws:states:us-east-1:123456789012:execution:classify:one"
    prefix = "arn:aws:states:us-east-1:123456789012"
    assert applies(resource=execution, Resource=f"{prefix}:execution:classify:*")
    assert applies(resource=execution, Resource="arn:aws:states:*:*:execution:*")
    assert not applies(resource=execution, Resource="arn:aws:states:*:execution:classify:one")


def test_a_call_without_a_resource_is_allowed_for_every_resource_only() -> None:
    assert applies(resource="*", Resource="*")
    assert not applies(resource="*", Resource="arn:aws:s3:::bucket/*")


@pytest.mark.parametrize(
    ("username", "expected"), [("uploads", True), ("others", False), ("*", False), (None, False)]
)
def test_a_variable_has_the_value_of_the_request(username: str | None, expected: bool) -> None:
    context = {"aws:username": (username,)} if username else {}
    pattern = "arn:aws:s3:::bucket/${aws:username}/*"
    assert applies(context=context, Resource=pattern) is expected


def test_a_variable_may_have_a_default_and_a_wildcard_can_be_written_as_text() -> None:
    assert applies(Resource="arn:aws:s3:::bucket/${aws:username, 'uploads'}/*")
    starred = "arn:aws:s3:::bucket/a*b"
    assert applies(resource=starred, Resource="arn:aws:s3:::bucket/a${*}b")
    assert not applies(resource="arn:aws:s3:::bucket/axb", Resource="arn:aws:s3:::bucket/a${*}b")


@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ({"Service": "lambda.amazonaws.com"}, Caller(service="lambda.amazonaws.com"), True),
        ({"Service": ["a.com", "b.com"]}, Caller(service="b.com"), True),
        ({"Service": "lambda.amazonaws.com"}, Caller(service="events.amazonaws.com"), False),
        ({"AWS": "*"}, Caller(frozenset({"*"})), True),
        ("*", Caller(service="events.amazonaws.com"), True),
        ({"AWS": "arn:one"}, Caller(frozenset({"*", "arn:one"})), True),
        ({"AWS": "arn:one"}, Caller(frozenset({"*", "arn:two"})), False),
    ],
)
def test_a_principal_is_meant(principal: Any, caller: Caller, expected: bool) -> None:
    assert statement(Principal=principal).means(caller) is expected


def test_all_but_a_principal_are_meant() -> None:
    policy = statement(NotPrincipal={"AWS": "arn:one"})
    assert not policy.means(Caller(frozenset({"arn:one"})))
    assert policy.means(Caller(frozenset({"arn:two"})))


def test_a_document_has_statements_with_names() -> None:
    items = [{"Sid": "Read", "Effect": "Allow"}, {"Effect": "Deny"}]
    read, deny = policies.parse(json.dumps({"Statement": items}), "grants")
    assert (read.policy, read.sid, read.allows) == ("grants", "Read", True)
    assert (deny.sid, deny.allows) == ("2", False)
    assert policies.parse("no policy") == ()
    assert policies.parse("{}") == ()
