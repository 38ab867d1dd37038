"""What an ARN reveals about a resource: its kind, as an inventory calls it, and its name."""

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


def kind_and_name(arn: str) -> tuple[str, str] | None:
    """Return kind and name; None for a resource of another kind.

    >>> kind_and_name("arn:aws:events:eu-west-1:123456789012:rule/drivers/scones-dev-near")
    ('rules', 'scones-dev-near')
    """
    _, _, service, _, _, resource = arn.split(":", 5)
    for kind, pattern in KINDS.items():
        match = re.fullmatch(rf"{pattern}([^:]+)(?::.*)?", f"{service}:{resource}")
        if match:
            return kind, match[1]
    return None
