"""The policy of the resource that a call is about: of buckets, queues, topics and functions.

And the trust policy of a role, which is that of the call that assumes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from localaws.iam import policies
from localaws.iam.policies import Statement
from localaws.iam.principals import PARTITION

NAME = "the resource's policy"


def find(account_id: str, arn: str) -> tuple[Statement, ...]:
    """Its statements; none for a resource that has no policy, or is of another service."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] not in READERS:
        return ()
    document = READERS[parts[2]](account_id, parts[3], arn, parts[5])
    return policies.parse(document, NAME) if document else ()


def _bucket(account_id: str, _region: str, _arn: str, resource: str) -> str:
    buckets = s3_backends[account_id][PARTITION].buckets
    bucket = buckets.get(resource.partition("/")[0])
    return bucket.policy.decode() if bucket is not None and bucket.policy else ""


def _queue(account_id: str, region: str, _arn: str, resource: str) -> str:
    queue = sqs_backends[account_id][region].queues.get(resource)
    return str(queue.policy or "") if queue is not None else ""


def _topic(account_id: str, region: str, arn: str, _resource: str) -> str:
    topic = sns_backends[account_id][region].topics.get(arn)
    return str(topic.policy or "") if topic is not None else ""


def _function(account_id: str, region: str, _arn: str, resource: str) -> str:
    name = resource.removeprefix("function:").partition(":")[0]
    functions: Any = lambda_backends[account_id][region]._lambdas
    if name not in functions._functions:
        return ""
    statements = functions.get_function_by_name_with_qualifier(name).policy.statements
    return json.dumps({"Statement": statements}) if statements else ""


def _role(account_id: str, _region: str, arn: str, _resource: str) -> str:
    for role in list(iam_backends[account_id][PARTITION].roles.values()):
        if role.arn == arn:
            return str(role.assume_role_policy_document or "")
    return ""


READERS: dict[str, Callable[[str, str, str, str], str]] = {
    "s3": _bucket,
    "sqs": _queue,
    "sns": _topic,
    "lambda": _function,
    "iam": _role,
}
