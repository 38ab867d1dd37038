"""What verify finds out about identity, quotas, names and container images."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from stubbed import ACCESS_KEY, ID, Refusal, account

from scones.verification import buckets, container_images, identity, quotas
from scones.verification.finding import Finding, Status

ROLE = f"arn:aws:sts::{ID}:assumed-role/deployer/me"
SETTINGS = "terraform/targets/dev.tfvars"
IMAGE = f"{ID}.dkr.ecr.us-east-1.amazonaws.com/ray:v1"


@pytest.fixture(autouse=True)
def on_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def who(arn: str, *keys: dict[str, Any]) -> list[Finding]:
    caller = {"UserId": "A" * 20, "Account": ID, "Arn": arn}
    answers = {
        "sts": [("get_caller_identity", caller)],
        "iam": [("list_access_keys", {"AccessKeyMetadata": list(keys)})],
    }
    return identity.check(account(answers))


def key(age: timedelta) -> dict[str, Any]:
    return {"AccessKeyId": ACCESS_KEY, "CreateDate": datetime.now(UTC) - age}


def test_a_user_with_a_new_key_is_fine() -> None:
    findings = who(f"arn:aws:iam::{ID}:user/me", key(timedelta(days=3)))
    assert [finding.status for finding in findings] == [Status.OK, Status.OK]
    assert findings[1].text == "an access key, 3 days old"


def test_the_root_user_and_an_old_key_are_problems() -> None:
    root, old = who(f"arn:aws:iam::{ID}:root", key(timedelta(days=91)))
    assert (root.status, old.status) == (Status.PROBLEM, Status.PROBLEM)
    assert "root user" in root.text
    assert "Create a new key" in old.remedy


def test_a_denied_question_names_the_permission() -> None:
    caller = {"UserId": "A" * 20, "Account": ID, "Arn": ROLE}
    refused = account(
        {
            "sts": [("get_caller_identity", caller)],
            "iam": [("list_access_keys", Refusal("AccessDenied", 403))],
        }
    )
    _, credentials = identity.check(refused)
    assert credentials.status == Status.DENIED
    assert credentials.text == "iam:ListAccessKeys is denied"
    assert "iam:ListAccessKeys" in credentials.remedy


NEEDED = {"ml.m5.large for endpoint usage": 2, "ml.g4dn.xlarge for training job usage": 1}


def quota_answers(endpoints: int, functions: int) -> list[Finding]:
    listed = {"Quotas": [{"QuotaName": "ml.m5.large for endpoint usage", "Value": endpoints}]}
    limits = {"AccountLimit": {"ConcurrentExecutions": functions}}
    answers = {
        "service-quotas": [("list_service_quotas", listed)],
        "lambda": [("get_account_settings", limits)],
    }
    return quotas.check(NEEDED, account(answers), SETTINGS)


def test_quotas_that_suffice_are_fine_and_one_that_is_not_listed_is_not_known() -> None:
    endpoints, training, functions = quota_answers(2, 1000)
    assert endpoints.status == Status.OK
    assert endpoints.text == "ml.m5.large for endpoint usage: 2, needed 2"
    assert training.status == Status.UNKNOWN
    assert functions.status == Status.OK


def test_an_update_needs_twice_the_instances_and_an_evaluation_many_functions() -> None:
    endpoints, _, functions = quota_answers(1, 10)
    assert endpoints.status == Status.PROBLEM
    assert SETTINGS in endpoints.remedy
    assert functions.status == Status.PROBLEM
    assert functions.text == "concurrent executions: 10, needed 16"


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        ({}, Status.OK, "one exists in this account"),
        (Refusal("404", 404), Status.OK, "one is free"),
        (Refusal("403", 403), Status.PROBLEM, "one exists, in another account"),
        (Refusal("301", 301), Status.PROBLEM, "one exists, in another account"),
    ],
)
def test_bucket_names_are_unique_in_the_world(answer: Any, status: Status, text: str) -> None:
    (finding,) = buckets.check(["one"], account({"s3": [("head_bucket", answer)]}), SETTINGS)
    assert finding.status == status
    assert finding.text.startswith(text)


def images(uri: str, answer: Any) -> Finding:
    (finding,) = container_images.check(
        [uri, uri], account({"ecr": [("batch_get_image", answer)]}), SETTINGS
    )
    return finding


def test_a_published_image_can_be_pulled() -> None:
    finding = images(IMAGE, {"images": [{"imageManifest": "{}"}], "failures": []})
    assert finding == Finding("container image", Status.OK, IMAGE)


def test_an_image_that_nobody_publishes_is_a_problem() -> None:
    missing = {"failures": [{"failureReason": "Requested image not found"}], "images": []}
    for finding in (images(IMAGE, missing), images("ray:v1", missing)):
        assert finding.status == Status.PROBLEM
        assert SETTINGS in finding.remedy


def test_the_local_aws_pulls_no_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert images(IMAGE, {}).status == Status.UNKNOWN
