"""What moto forgets of an SQS queue."""

from __future__ import annotations

import json
from typing import Any

from accounts import Account

from departures.registry import departure


@departure("Queue._set_attributes", answer=["Allow", None])
def a_queue_keeps_its_policy_until_it_is_removed(account: Account) -> Any:
    sqs = account.client("sqs")
    policy = {
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
        ]
    }
    url = sqs.create_queue(QueueName="guarded", Attributes={"Policy": json.dumps(policy)})[
        "QueueUrl"
    ]
    answers = []
    for change in ({"VisibilityTimeout": "9"}, {"Policy": ""}):
        sqs.set_queue_attributes(QueueUrl=url, Attributes=change)
        kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"].get(
            "Policy"
        )
        answers.append(json.loads(kept)["Statement"][0]["Effect"] if kept else None)
    return answers


@departure(
    "Queue.attributes",
    answer='{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dead","maxReceiveCount":5}',
)
def a_redrive_policy_is_returned_as_terraform_writes_it(account: Account) -> Any:
    sqs = account.client("sqs")
    sqs.create_queue(QueueName="dead")
    policy = {
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead",
        "maxReceiveCount": 5,
    }
    url = sqs.create_queue(QueueName="redriven", Attributes={"RedrivePolicy": json.dumps(policy)})[
        "QueueUrl"
    ]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"][
        "RedrivePolicy"
    ]
