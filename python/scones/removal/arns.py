"""What an ARN says about a resource: its kind, as an inventory calls it, and its name."""

from __future__ import annotations

import re

# Service and resource as they stand in ARNs, up to the name.
KINDS = {
    "buckets": r"s3:",
    "roles": r"iam:role/",
    "functions": r"lambda:function:",
    "log groups": r"logs:log-group:",
    "state machines": r"states:stateMachine:",
    "endpoints": r"sagemaker:endpoint/",
    "endpoint configurations": r"sagemaker:endpoint-config/",
    "models": r"sagemaker:model/",
    "model package groups": r"sagemaker:model-package-group/",
    "training jobs": r"sagemaker:training-job/",
    "processing jobs": r"sagemaker:processing-job/",
    "alarms": r"cloudwatch:alarm:",
    "topics": r"sns:",
    "queues": r"sqs:",
    "event buses": r"events:event-bus/",
    "rules": r"events:rule/(?:[^/]+/)?",
    "schedules": r"scheduler:schedule/[^/]+/",
}


def named(arn: str) -> tuple[str, str] | None:
    """Kind and name; None for a resource of another kind.

    >>> named("arn:aws:events:eu-west-1:123456789012:rule/scones-dev-drivers/scones-dev-nearby")
    ('rules', 'scones-dev-nearby')
    """
    _, _, service, _, _, resource = arn.split(":", 5)
    for kind, pattern in KINDS.items():
        if found := re.fullmatch(rf"{pattern}([^:]+)(?::.*)?", f"{service}:{resource}"):
            return kind, found[1]
    return None
