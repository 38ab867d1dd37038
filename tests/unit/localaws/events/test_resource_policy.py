from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.events import resource_policy
from localaws.iam import policies

RULE = "arn:aws:events:us-east-1:123456789012:rule/drivers/bicycle"
TARGET = "arn:aws:sqs:us-east-1:123456789012:bicycle"
SEND = "sqs:SendMessage"
ALLOW = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": SEND}


def admits(statements: list[dict[str, Any]], sender: str, action: str) -> bool:
    parsed = policies.parse(json.dumps({"Statement": statements}))
    return resource_policy.admits(parsed, sender, action, TARGET)


@pytest.mark.parametrize(
    ("change", "allows"),
    [
        ({}, True),
        ({"Principal": "*", "Action": ["SQS:*"]}, True),
        ({"Condition": {"ArnEquals": {"aws:SourceArn": RULE}}}, True),
        (
            {
                "Condition": {
                    "ArnLike": {"AWS:SourceArn": ["arn:other", "arn:aws:events:*:*:rule/drivers/*"]}
                }
            },
            True,
        ),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}, True),
        ({"Condition": {"ArnEquals": {"aws:SourceArn": RULE + "s"}}}, False),
        ({"Condition": {"StringNotEquals": {"aws:SourceAccount": "123456789012"}}}, False),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, False),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, False),
        ({"Action": "sqs:ReceiveMessage"}, False),
        ({"Effect": "Deny"}, False),
        ({"Resource": TARGET}, True),
        ({"Resource": TARGET + "s"}, False),
    ],
)
def test_a_statement_allows_a_rule_or_not(change: dict[str, Any], allows: bool) -> None:
    assert admits([{**ALLOW, **change}], RULE, SEND) is allows


def test_a_denial_overrides_and_without_a_policy_nothing_is_allowed() -> None:
    tls_only = {
        **ALLOW,
        "Effect": "Deny",
        "Principal": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    assert admits([ALLOW, tls_only], RULE, SEND)
    assert not admits([ALLOW, {**ALLOW, "Effect": "Deny"}], RULE, SEND)
    assert not admits([], RULE, SEND)


def test_the_default_policy_of_a_topic_allows_alarms_but_not_rules() -> None:
    default = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["SNS:Subscribe", "SNS:Publish"],
        "Condition": {"StringEquals": {"AWS:SourceOwner": "123456789012"}},
    }
    alarm = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors"
    assert admits([default], alarm, "sns:Publish")
    assert not admits([default], RULE, "sns:Publish")
