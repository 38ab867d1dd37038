"""What moto delivers otherwise than EventBridge."""

from __future__ import annotations

import json
from typing import Any

from accounts import Account

from departures.registry import departure


@departure("Rule.send_to_targets", answer={"open": ["123456789012"], "closed": [], "disabled": []})
def an_enabled_rule_reaches_the_queues_whose_policy_allows_it(account: Account) -> Any:
    events, sqs = account.client("events"), account.client("sqs")
    received = {}
    for name, state, effect in (
        ("open", "ENABLED", "Allow"),
        ("closed", "ENABLED", "Deny"),
        ("disabled", "DISABLED", "Allow"),
    ):
        rule = events.put_rule(Name=name, EventPattern='{"source": ["test"]}', State=state)[
            "RuleArn"
        ]
        statement = {
            "Effect": effect,
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        url = sqs.create_queue(
            QueueName=name, Attributes={"Policy": json.dumps({"Statement": [statement]})}
        )["QueueUrl"]
        targets = [
            f"arn:aws:sqs:us-east-1:123456789012:{name}",
            "arn:aws:kinesis:us-east-1:123456789012:stream/none",
        ]
        events.put_targets(
            Rule=name, Targets=[{"Id": str(index), "Arn": arn} for index, arn in enumerate(targets)]
        )
        received[name] = url
    events.put_events(Entries=[{"Source": "test", "DetailType": "Test", "Detail": "{}"}])
    return {
        name: [
            json.loads(message["Body"])["account"]
            for message in sqs.receive_message(QueueUrl=url).get("Messages", [])
        ]
        for name, url in received.items()
    }
