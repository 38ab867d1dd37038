"""Requests that a service's model refuses get that service's error, in its protocol."""

from __future__ import annotations

from typing import Any

import pytest
from accounts import Account
from botocore.exceptions import ClientError

NOT_NULL = "failed to satisfy constraint: Member must not be null"
CASES = [
    ("sagemaker", "describe_endpoint", {"EndpointName": "a_b"}, "ValidationException"),
    ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "a_b"}, "ValidationError"),
    ("lambda", "list_functions", {"MaxItems": 0}, "ValidationException"),
    ("stepfunctions", "list_executions", {"maxResults": 1001}, "ValidationException"),
    ("events", "describe_rule", {"Name": "a b"}, "ValidationException"),
    ("scheduler", "get_schedule", {"Name": "a*b"}, "ValidationException"),
    ("iam", "get_role", {"RoleName": "r" * 65}, "ValidationError"),
    ("sts", "get_access_key_info", {"AccessKeyId": "short"}, "ValidationError"),
    ("logs", "create_log_group", {"logGroupName": ""}, "InvalidParameterException"),
    ("cloudwatch", "describe_alarms", {"MaxRecords": 101}, "ValidationError"),
    ("sns", "list_subscriptions_by_topic", {}, "InvalidParameter"),
    ("resourcegroupstaggingapi", "get_tag_values", {"Key": ""}, "InvalidParameterException"),
    (
        "application-autoscaling",
        "describe_scalable_targets",
        {"ServiceNamespace": "none"},
        "ValidationException",
    ),
]


@pytest.mark.parametrize(
    ("service", "operation", "request_", "code"), CASES, ids=[case[0] for case in CASES]
)
def test_each_service_refuses_with_its_own_error_code(
    account: Account, service: str, operation: str, request_: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError, match="validation error") as error:
        getattr(account.client(service), operation)(**request_)
    assert error.value.response["Error"]["Code"] == code
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_every_violation_is_named(account: Account) -> None:
    with pytest.raises(ClientError) as error:
        account.client("scheduler").create_schedule(Name="fine", ScheduleExpression="rate(1 day)")
    assert error.value.response["Error"]["Message"] == (
        f"2 validation errors detected: Value null at 'target' {NOT_NULL}; "
        f"Value null at 'flexibleTimeWindow' {NOT_NULL}"
    )
