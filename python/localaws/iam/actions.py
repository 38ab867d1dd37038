"""The calls that a request makes: its actions on their resources, also those that come with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from localaws.iam import s3_actions
from localaws.iam.operations import Operation
from localaws.iam.policies import Call
from localaws.iam.resources import resource_arn
from localaws.json_object import JsonObject

# What actions of a service begin with, where its signatures bear another name.
PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}
# Operations whose action has another name.
RENAMED = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "lambda:InvokeAsync": "lambda:InvokeFunction",
    "lambda:InvokeWithResponseStream": "lambda:InvokeFunction",
    "lambda:AddPermission": "lambda:AddPermission",
    "sns:PublishBatch": "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
# Who assumes a role that a request names, and the parameters that name it.
PASSED_TO = {
    "events": "events.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "sagemaker": "sagemaker.amazonaws.com",
    "scheduler": "scheduler.amazonaws.com",
    "states": "states.amazonaws.com",
}
ROLES = ("RoleArn", "Role", "roleArn", "ExecutionRoleArn")
# The action that tags need, where a request creates something with tags.
TAGGING = {
    "events": "events:TagResource",
    "lambda": "lambda:TagResource",
    "logs": "logs:TagResource",
    "sagemaker": "sagemaker:AddTags",
    "scheduler": "scheduler:TagResource",
    "sqs": "sqs:TagQueue",
    "states": "states:TagResource",
}
TAGS = ("Tags", "tags")
NEEDS_NOTHING = {"sts:GetCallerIdentity", "sts:GetSessionToken"}


def calls(operation: Operation, account: str) -> list[Call]:
    """Every call of which one must not be denied."""
    if operation.signing_name == "s3":
        return list(s3_actions.calls(operation.name, operation.parameters))
    prefix = PREFIXES.get(operation.signing_name, operation.signing_name)
    action = f"{prefix}:{operation.name}"
    if action in NEEDS_NOTHING:
        return []
    action = RENAMED.get(action, action)
    if action == "events:PutEvents":
        return list(_events(operation, account))
    resource = resource_arn(operation, prefix, account)
    found = [Call(action, resource, _context(operation))]
    if operation.name.startswith("Create") and _has_tags(operation) and prefix in TAGGING:
        found.append(Call(TAGGING[prefix], resource, _context(operation)))
    found += _passed_roles(operation, prefix)
    return found


def _events(operation: Operation, account: str) -> Iterator[Call]:
    """An entry without a bus goes to the default one."""
    start = f"arn:aws:events:{operation.region}:{account}:event-bus/"
    for entry in operation.parameters.get("Entries") or [{}]:
        bus = str(entry.get("EventBusName") or "default")
        context = {"events:source": (str(entry.get("Source", "")),)}
        resource = bus if bus.startswith("arn:") else f"{start}{bus}"
        yield Call("events:PutEvents", resource, context)


def _context(operation: Operation) -> dict[str, tuple[str, ...]]:
    context: dict[str, tuple[str, ...]] = {"aws:requestedregion": (operation.region,)}
    namespace = operation.parameters.get("Namespace")
    if isinstance(namespace, str):
        context["cloudwatch:namespace"] = (namespace,)
    return context


def _has_tags(operation: Operation) -> bool:
    return any(operation.parameters.get(name) for name in TAGS)


def _passed_roles(operation: Operation, prefix: str) -> list[Call]:
    service = PASSED_TO.get(prefix)
    if service is None or not operation.name.startswith(("Create", "Put", "Update")):
        return []
    context = {"iam:passedtoservice": (service,)}
    roles = dict.fromkeys(_role_arns(operation.parameters))
    return [Call("iam:PassRole", role, context) for role in roles]


def _role_arns(value: Any) -> Iterator[str]:
    """Of the request itself and of its targets."""
    if isinstance(value, list):
        for item in value:
            yield from _role_arns(item)
        return
    fields: JsonObject = value if isinstance(value, dict) else {}
    for name in ROLES:
        role = fields.get(name)
        if isinstance(role, str) and role.startswith("arn:"):
            yield role
    for name in ("Target", "Targets"):
        if name in fields:
            yield from _role_arns(fields[name])
