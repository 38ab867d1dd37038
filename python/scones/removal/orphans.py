"""Delete resources with our names and our tags that Terraform's state does not hold.

A killed apply leaves them. The tags distinguish them from what another project happened to name
alike, which stays and is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scones.clients import IAMClient
from scones.removal import buckets, leftovers, sweeping
from scones.removal.arns import kind_and_name
from scones.removal.leftovers import Client, Inventory

Deletion = Callable[[Client, str, Any], object]


@dataclass(frozen=True)
class Orphan:
    """A resource without a state; the ARN of a role is not looked up, since none is needed."""

    kind: str
    name: str
    arn: str | None


def find(client: Client, inventory: Inventory, tags: Mapping[str, str]) -> Iterator[Orphan]:
    """Yield what of the inventory carries `tags`, in an order in which it can be deleted."""
    arns = {kind_and_name(arn): arn for arn in leftovers.find_tagged(client, tags)}
    for kind in DELETIONS:
        for name in sorted(inventory.of(kind)):
            arn = arns.get((kind, name))
            is_ours = arn is not None
            if kind == "roles" and not is_ours:
                # The tagging service lists roles in one region only, so IAM itself is asked.
                is_ours = _is_tagged(client("iam"), name, tags)
            if is_ours:
                yield Orphan(kind, name, arn)


def delete(client: Client, orphan: Orphan) -> None:
    DELETIONS[orphan.kind](
        client,
        orphan.name,
        orphan.arn,
    )


def _is_tagged(iam: IAMClient, role: str, tags: Mapping[str, str]) -> bool:
    role_tags = {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName=role)["Tags"]}
    return tags.items() <= role_tags.items()


def _by_name(service: str, operation: str, parameter: str) -> Deletion:
    return lambda client, name, _: getattr(client(service), operation)(**{parameter: name})


def _by_arn(service: str, operation: str, parameter: str) -> Deletion:
    return lambda client, _, arn: getattr(client(service), operation)(**{parameter: arn})


def _delete_rule(client: Client, name: str, arn: str) -> None:
    events = client("events")
    path = arn.split(":", 5)[5].split("/")
    bus = path[1] if len(path) > 2 else "default"
    targets = events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    if targets:
        ids = [target["Id"] for target in targets]
        events.remove_targets(
            Rule=name,
            EventBusName=bus,
            Ids=ids,
        )
    events.delete_rule(Name=name, EventBusName=bus)


def _delete_queue(client: Client, name: str, _: str) -> None:
    sqs = client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])


def _delete_package_group(client: Client, name: str, _: str) -> None:
    sweeping.delete_model_packages(client("sagemaker"), name)
    client("sagemaker").delete_model_package_group(ModelPackageGroupName=name)


def _delete_role(client: Client, name: str, _: str | None) -> None:
    iam = client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=name)


DELETIONS: Mapping[str, Deletion] = {
    "endpoints": _by_name("sagemaker", "delete_endpoint", "EndpointName"),
    "endpoint configurations": _by_name(
        "sagemaker", "delete_endpoint_config", "EndpointConfigName"
    ),
    "models": _by_name("sagemaker", "delete_model", "ModelName"),
    "model package groups": _delete_package_group,
    "state machines": _by_arn("stepfunctions", "delete_state_machine", "stateMachineArn"),
    "rules": _delete_rule,
    "event buses": _by_name("events", "delete_event_bus", "Name"),
    "queues": _delete_queue,
    "topics": _by_arn("sns", "delete_topic", "TopicArn"),
    "functions": _by_name("lambda", "delete_function", "FunctionName"),
    "alarms": lambda client, name, _: client("cloudwatch").delete_alarms(AlarmNames=[name]),
    "roles": _delete_role,
    "buckets": lambda client, name, _: buckets.delete(client("s3"), name),
}
