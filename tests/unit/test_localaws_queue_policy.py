from __future__ import annotations

import json
from typing import Any

import pytest

from localaws import queue_policy

RULE = "arn:aws:events:us-east-1:123456789012:rule/drivers/bicycle"
ALLOW = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}


@pytest.mark.parametrize(
    ("change", "lets_in"),
    [
        ({}, True),
        ({"Principal": "*", "Action": ["SQS:*"]}, True),
        ({"Condition": {"ArnEquals": {"aws:SourceArn": RULE}}}, True),
        ({"Condition": {"ArnLike": {"AWS:SourceArn": ["arn:other", "arn:aws:events:*:*:rule/drivers/*"]}}}, True),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}, True),
        ({"Condition": {"ArnEquals": {"aws:SourceArn": RULE + "s"}}}, False),
        ({"Condition": {"StringNotEquals": {"aws:SourceAccount": "123456789012"}}}, False),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, False),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, False),
        ({"Action": "sqs:ReceiveMessage"}, False),
        ({"Effect": "Deny"}, False),
    ],
)
def test_a_statement_lets_a_rule_in_or_not(change: dict[str, Any], lets_in: bool) -> None:
    assert queue_policy.lets_in(json.dumps({"Statement": [{**ALLOW, **change}]}), RULE) is lets_in


def test_a_denial_outweighs_and_no_policy_lets_nobody_in() -> None:
    tls_only = {**ALLOW, "Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert queue_policy.lets_in(json.dumps({"Statement": [ALLOW, tls_only]}), RULE)
    assert not queue_policy.lets_in(json.dumps({"Statement": [ALLOW, {**ALLOW, "Effect": "Deny"}]}), RULE)
    assert not queue_policy.lets_in(None, RULE)
