"""Resources that a killed terraform created but did not record in its state.

Terraform saves the state every twenty seconds. What it created after the last save exists in the
account but not in the state, and the next apply would fail because the names are in use. Such
resources are imported instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from scones.aws import Account
from scones.json_object import JsonObject
from scones.provisioning import settling

Client = Callable[[str], Any]
LookUp = Callable[[Client, str], object]


def find_orphans(plan: JsonObject, account: Account) -> dict[str, str]:
    """Return the resources that `plan` would create although they exist.

    Args:
        plan: as `terraform show -json` prints it.
        account: where to look.

    Returns:
        The id by which to import each resource, by its address.
    """
    orphans = {}
    for address, kind, import_id in _planned_creations(plan):
        _, look_up = LOOK_UPS[kind]
        if _exists(look_up, account.client, import_id):
            orphans[address] = import_id
    return orphans


def import_blocks(orphans: Mapping[str, str]) -> str:
    """Return Terraform's configuration that imports the resources."""
    blocks = [
        f'import {{\n  to = {address}\n  id = "{import_id}"\n}}\n'
        for address, import_id in sorted(orphans.items())
    ]
    return "\n".join(blocks)


def _planned_creations(plan: JsonObject) -> Iterator[tuple[str, str, str]]:
    """Yield address, type and import id of the resources that would be created."""
    for resource in plan.get("resource_changes", []):
        kind, change = resource["type"], resource["change"]
        if kind not in LOOK_UPS or change["actions"] != ["create"]:
            continue
        import_id, _ = LOOK_UPS[kind]
        known = {key: value for key, value in change["after"].items() if value is not None}
        try:
            yield resource["address"], kind, import_id.format(**known)
        except KeyError:
            continue  # a part of the id is known after apply only


def _exists(look_up: LookUp, client: Client, import_id: str) -> bool:
    try:
        return bool(look_up(client, import_id))
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404):
            return False
        raise


def _request(service: str, operation: str, parameter: str) -> LookUp:
    """Return a look-up by a request that takes the resource's name as its one parameter."""

    def look_up(client: Client, import_id: str) -> object:
        name = import_id.rsplit("/", 1)[-1]
        return getattr(client(service), operation)(**{parameter: name})

    return look_up


def _find_log_group(client: Client, name: str) -> bool:
    groups = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return any(group["logGroupName"] == name for group in groups)


def _find_permission(client: Client, import_id: str) -> bool:
    function, statement_id = import_id.split("/")
    policy = json.loads(client("lambda").get_policy(FunctionName=function)["Policy"])
    return any(statement["Sid"] == statement_id for statement in policy["Statement"])


def _find_serving_endpoint(client: Client, name: str) -> bool:
    """Whether there is such an endpoint that can be updated; a failed one is created again."""
    endpoint = settling.describe(name, client("sagemaker"))
    return endpoint is not None and endpoint["EndpointStatus"] != settling.FAILED


# By resource type: the id to import by, made of planned values, and the look-up of such an id.
# Resources that are not listed are put, not created: putting them twice does no harm.
LOOK_UPS: Mapping[str, tuple[str, LookUp]] = {
    "aws_cloudwatch_event_bus": ("{name}", _request("events", "describe_event_bus", "Name")),
    "aws_cloudwatch_log_group": ("{name}", _find_log_group),
    "aws_iam_role": ("{name}", _request("iam", "get_role", "RoleName")),
    "aws_lambda_function": (
        "{function_name}",
        _request("lambda", "get_function", "FunctionName"),
    ),
    "aws_lambda_permission": ("{function_name}/{statement_id}", _find_permission),
    "aws_s3_bucket": ("{bucket}", _request("s3", "head_bucket", "Bucket")),
    "aws_sagemaker_endpoint": ("{name}", _find_serving_endpoint),
    "aws_sagemaker_endpoint_configuration": (
        "{name}",
        _request("sagemaker", "describe_endpoint_config", "EndpointConfigName"),
    ),
    "aws_sagemaker_model_package_group": (
        "{model_package_group_name}",
        _request("sagemaker", "describe_model_package_group", "ModelPackageGroupName"),
    ),
    "aws_sagemaker_model": ("{name}", _request("sagemaker", "describe_model", "ModelName")),
    "aws_scheduler_schedule": ("default/{name}", _request("scheduler", "get_schedule", "Name")),
}
