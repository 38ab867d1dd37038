"""What moto leaves out of S3, or does otherwise."""

from __future__ import annotations

import json
from typing import Any

from accounts import Account
from botocore.exceptions import ClientError

from departures.registry import departure


@departure("S3Response.serialized", answer={})
def a_bucket_returns_that_it_notifies_eventbridge(account: Account) -> Any:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="sender")
    s3.put_bucket_notification_configuration(
        Bucket="sender", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    return s3.get_bucket_notification_configuration(Bucket="sender").get("EventBridgeConfiguration")


@departure("IAMPolicyStatement.is_action_permitted", answer=["body", "403"])
def a_bucket_policy_denies_only_where_its_condition_is_met(account: Account) -> Any:
    s3 = account.client("s3")
    answers = []
    for bucket, transport in (("tls", "false"), ("no-tls", "true")):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="key", Body=b"body")
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": {"Bool": {"aws:SecureTransport": transport}},
        }
        s3.put_bucket_policy(
            Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        )
        try:
            answers.append(s3.get_object(Bucket=bucket, Key="key")["Body"].read().decode())
        except ClientError as error:
            answers.append(error.response["Error"]["Code"])
    return answers
