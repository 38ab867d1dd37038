"""What an interrupted apply created is found by what Terraform plans to create."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from filled_account import create_job_log_groups, fill

from scones.aws import Account
from scones.provisioning import adoption

FUNCTION = "scones-dev-serialize-image"
PLANNED = {
    "aws_lambda_permission": {
        "function_name": FUNCTION,
        "statement_id": "NotifyAboutFailedExecutions",
    },
    "aws_scheduler_schedule": {"name": "scones-dev-drift", "group_name": None},
    "aws_iam_role": {"name": "scones-dev-training"},
    "aws_s3_bucket": {"bucket": "scones-dev-data-123456789012"},
}
FOUND = {
    "aws_lambda_permission.this": f"{FUNCTION}/NotifyAboutFailedExecutions",
    "aws_scheduler_schedule.this": "default/scones-dev-drift",
    "aws_iam_role.this": "scones-dev-training",
    "aws_s3_bucket.this": "scones-dev-data-123456789012",
}


@pytest.fixture
def account(aws: boto3.session.Session) -> Account:
    return Account("123456789012", aws)


def plan(planned: dict[str, dict[str, Any]]) -> dict[str, Any]:
    changes = [
        {"address": f"{kind}.this", "type": kind, "change": {"actions": ["create"], "after": after}}
        for kind, after in planned.items()
    ]
    return {"resource_changes": changes}


def test_what_exists_is_found_by_its_import_id(account: Account) -> None:
    create_job_log_groups(account.client)
    fill(account.client, "scones-dev")
    account.client("lambda").add_permission(
        FunctionName=FUNCTION,
        StatementId="NotifyAboutFailedExecutions",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    assert adoption.find_orphans(plan(PLANNED), account) == FOUND


def test_what_does_not_exist_is_created(account: Account) -> None:
    assert adoption.find_orphans(plan(PLANNED), account) == {}


def test_another_permission_of_the_function_is_not_adopted(account: Account) -> None:
    fill_only = {"aws_lambda_permission": PLANNED["aws_lambda_permission"]}
    create_job_log_groups(account.client)
    fill(account.client, "scones-dev")
    account.client("lambda").add_permission(
        FunctionName=FUNCTION,
        StatementId="Another",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    assert adoption.find_orphans(plan(fill_only), account) == {}


def test_a_resource_whose_name_is_known_after_apply_is_not_adopted(account: Account) -> None:
    assert adoption.find_orphans(plan({"aws_iam_role": {"path": "/"}}), account) == {}
