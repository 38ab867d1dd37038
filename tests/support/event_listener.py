"""A rule that waits for events of a service, to look at in tests."""

from __future__ import annotations

import json
import uuid
from typing import Any

from accounts import Account

ALLOW = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
ACCOUNT = "us-east-1:123456789012"


class Listener:
    """A rule on the default event bus, and the queue that it fills."""

    def __init__(self, account: Account, source: str, **detail: Any) -> None:
        self.sqs, self.events, self.sns = (
            account.client("sqs"),
            account.client("events"),
            account.client("sns"),
        )
        self.name = f"listener-{uuid.uuid4().hex[:8]}"
        policy = {"Statement": [{**ALLOW, "Action": "sqs:SendMessage", "Resource": "*"}]}
        self.url = self.sqs.create_queue(
            QueueName=self.name, Attributes={"Policy": json.dumps(policy)}
        )["QueueUrl"]
        pattern = {"source": [source], "detail": detail}
        self.events.put_rule(Name=self.name, EventPattern=json.dumps(pattern))

    def to_queue(self) -> None:
        self._put_target(Arn=f"arn:aws:sqs:{ACCOUNT}:{self.name}")

    def to_topic(self, allow: bool) -> None:
        """A topic that the queue is subscribed to."""
        topic = self.sns.create_topic(Name=self.name)["TopicArn"]
        self.sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{ACCOUNT}:{self.name}"
        )
        if allow:
            policy = {"Statement": [{**ALLOW, "Action": "sns:Publish", "Resource": topic}]}
            self.sns.set_topic_attributes(
                TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy)
            )
        transformer = {
            "InputPathsMap": {"name": "$.detail.name"},
            "InputTemplate": '"<name> failed"',
        }
        self._put_target(Arn=topic, InputTransformer=transformer)

    def _put_target(self, **target: Any) -> None:
        self.events.put_targets(Rule=self.name, Targets=[{"Id": "1", **target}])

    def receive(self) -> dict[str, Any] | None:
        messages = self.sqs.receive_message(QueueUrl=self.url, VisibilityTimeout=600).get(
            "Messages"
        )
        return dict(json.loads(messages[0]["Body"])) if messages else None
