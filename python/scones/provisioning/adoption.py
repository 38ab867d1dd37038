"""Resources that a killed terraform made but could not write into its state.

Terraform saves the state every twenty seconds. What it made after the last save exists in the account but not in the
state, and the next apply would fail because the names are taken. Such resources are imported instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from scones.aws import Account

Client = Callable[[str], Any]
Values = Mapping[str, Any]

# How to look a resource up by the id that it is imported by, and which of the planned values make up that id.
# Resources that are not listed are put, not created: putting them twice does no harm.
LOOKUPS: dict[str, tuple[str, Callable[[Client, str], Any]]] = {
    "aws_cloudwatch_event_bus": (
        "{name}",
        lambda client, name: client("events").describe_event_bus(Name=name),
    ),
    "aws_cloudwatch_log_group": ("{name}", lambda client, name: _log_group(client, name)),
    "aws_iam_role": ("{name}", lambda client, name: client("iam").get_role(RoleName=name)),
    "aws_lambda_function": (
        "{function_name}",
        lambda client, name: client("lambda").get_function(FunctionName=name),
    ),
    "aws_lambda_permission": (
        "{function_name}/{statement_id}",
        lambda client, name: _permission(client, name),
    ),
    "aws_s3_bucket": ("{bucket}", lambda client, name: client("s3").head_bucket(Bucket=name)),
    "aws_sagemaker_endpoint": (
        "{name}",
        lambda client, name: client("sagemaker").describe_endpoint(EndpointName=name),
    ),
    "aws_sagemaker_endpoint_configuration": (
        "{name}",
        lambda client, name: client("sagemaker").describe_endpoint_config(EndpointConfigName=name),
    ),
    "aws_sagemaker_model_package_group": (
        "{model_package_group_name}",
        lambda client, name: client("sagemaker").describe_model_package_group(
            ModelPackageGroupName=name
        ),
    ),
    "aws_sagemaker_model": (
        "{name}",
        lambda client, name: client("sagemaker").describe_model(ModelName=name),
    ),
    "aws_scheduler_schedule": (
        "default/{name}",
        lambda client, name: client("scheduler").get_schedule(Name=name.removeprefix("default/")),
    ),
}


def orphans(plan: Mapping[str, Any], account: Account) -> dict[str, str]:
    """Addresses and ids of what `plan` (as `terraform show -json` tells it) would create although it exists."""
    return {
        address: name
        for address, kind, name in _creations(plan)
        if _exists(LOOKUPS[kind][1], account.client, name)
    }


def import_blocks(found: Mapping[str, str]) -> str:
    """Terraform's configuration that imports `found`."""
    return "\n".join(
        f'import {{\n  to = {address}\n  id = "{name}"\n}}\n'
        for address, name in sorted(found.items())
    )


def _creations(plan: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for change in plan.get("resource_changes", []):
        if change["type"] in LOOKUPS and change["change"]["actions"] == ["create"]:
            after = {
                key: value for key, value in change["change"]["after"].items() if value is not None
            }
            try:
                yield change["address"], change["type"], LOOKUPS[change["type"]][0].format(**after)
            except KeyError:
                continue  # a part of it is known after apply only


def _exists(look_up: Callable[[Client, str], Any], client: Client, name: str) -> bool:
    try:
        return bool(look_up(client, name))
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404):
            return False
        raise


def _log_group(client: Client, name: str) -> bool:
    groups = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return any(group["logGroupName"] == name for group in groups)


def _permission(client: Client, name: str) -> bool:
    function, statement = name.split("/")
    policy = json.loads(client("lambda").get_policy(FunctionName=function)["Policy"])
    return any(one["Sid"] == statement for one in policy["Statement"])
