"""Deletes what bears our names and our tags though Terraform's state knows nothing of it: a killed apply left it.

The tags tell it from what somebody else happened to call alike, which stays and is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scones.removal import arns, emptying, leftovers, sweeping
from scones.removal.leftovers import Client, Inventory


@dataclass(frozen=True)
class Orphan:
    """A resource without a state; the ARN of a role is not looked up, since none is needed."""

    kind: str
    name: str
    arn: str | None


def find(client: Client, found: Inventory, tags: Mapping[str, str]) -> Iterator[Orphan]:
    """Those of `found` that carry `tags`, in an order in which they can be deleted."""
    tagged = {arns.named(arn): arn for arn in leftovers.tagged(client, tags)}
    for kind in DELETIONS:
        for name in sorted(found.of(kind)):
            arn = tagged.get((kind, name))
            if arn or (kind == "roles" and _role_has(client("iam"), name, tags)):
                yield Orphan(kind, name, arn)


def delete(client: Client, orphan: Orphan) -> None:
    DELETIONS[orphan.kind](client, orphan.name, orphan.arn)


def _role_has(iam: Any, role: str, tags: Mapping[str, str]) -> bool:
    """IAM is asked itself: the tagging service knows roles in one region only."""
    return (
        tags.items()
        <= {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName=role)["Tags"]}.items()
    )


def _delete_rule(client: Client, name: str, arn: str) -> None:
    events = client("events")
    path = arn.split(":", 5)[5].split("/")
    bus = path[1] if len(path) > 2 else "default"
    targets = [
        target["Id"]
        for target in events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    ]
    if targets:
        events.remove_targets(Rule=name, EventBusName=bus, Ids=targets)
    events.delete_rule(Name=name, EventBusName=bus)


def _delete_queue(client: Client, name: str, _: str) -> None:
    client("sqs").delete_queue(QueueUrl=client("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def _delete_group(client: Client, name: str, _: str) -> None:
    sweeping.delete_model_packages(client("sagemaker"), name)
    client("sagemaker").delete_model_package_group(ModelPackageGroupName=name)


def _delete_role(client: Client, name: str, _: str | None) -> None:
    iam = client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=name)


DELETIONS: Mapping[str, Callable[[Client, str, Any], object]] = {
    "endpoints": lambda client, name, _: client("sagemaker").delete_endpoint(EndpointName=name),
    "endpoint configurations": lambda client, name, _: client("sagemaker").delete_endpoint_config(
        EndpointConfigName=name
    ),
    "models": lambda client, name, _: client("sagemaker").delete_model(ModelName=name),
    "model package groups": _delete_group,
    "state machines": lambda client, _, arn: client("stepfunctions").delete_state_machine(
        stateMachineArn=arn
    ),
    "rules": _delete_rule,
    "event buses": lambda client, name, _: client("events").delete_event_bus(Name=name),
    "queues": _delete_queue,
    "topics": lambda client, _, arn: client("sns").delete_topic(TopicArn=arn),
    "functions": lambda client, name, _: client("lambda").delete_function(FunctionName=name),
    "alarms": lambda client, name, _: client("cloudwatch").delete_alarms(AlarmNames=[name]),
    "roles": _delete_role,
    "buckets": lambda client, name, _: emptying.delete(client("s3"), name),
}
