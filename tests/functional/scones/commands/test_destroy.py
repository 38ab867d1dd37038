import io
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from scones.aws import Account
from scones.commands import destroy
from scones.errors import UserError
from scones.removal import buckets
from scones.removal.leftovers import Inventory
from scones.settings import Target

BUCKET = "scones-dev-data-123456789012"
INVENTORY = Inventory(
    {
        "buckets": frozenset({BUCKET}),
        "roles": frozenset({"scones-dev-training", "scones-dev-serving"}),
    }
)


@pytest.fixture
def s3(aws: boto3.session.Session) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    client.put_object(Bucket=BUCKET, Key="train/a.png", Body=b"pixels")
    return client


class Terraform:
    """Deletes the bucket unless it is not empty; captures traffic before the first `late` runs."""

    def __init__(self, s3: Any, late: int = 0) -> None:
        self.s3, self.late, self.runs = s3, late, 0

    def destroy(self) -> None:
        self.runs += 1
        if self.runs <= self.late:
            self.s3.put_object(Bucket=BUCKET, Key=f"data-capture/{self.runs}.jsonl", Body=b"{}")
        try:
            self.s3.delete_bucket(Bucket=BUCKET)
        except ClientError as error:
            raise UserError("terraform destroy failed.") from error


def test_the_bucket_is_emptied_before_terraform_runs(s3: Any) -> None:
    terraform = Terraform(s3)
    assert destroy.destroy_stack(terraform.destroy, s3, BUCKET) == 1
    assert terraform.runs == 1
    assert s3.list_buckets()["Buckets"] == []


def test_what_is_written_meanwhile_is_emptied_again(s3: Any) -> None:
    terraform = Terraform(s3, late=2)
    assert destroy.destroy_stack(terraform.destroy, s3, BUCKET) == 3
    assert s3.list_buckets()["Buckets"] == []


def test_traffic_that_never_ends_ends_the_command(s3: Any) -> None:
    with pytest.raises(UserError, match="terraform destroy failed"):
        destroy.destroy_stack(Terraform(s3, late=99).destroy, s3, BUCKET)


def test_terraform_that_fails_for_another_reason_is_not_rerun(s3: Any) -> None:
    runs: list[None] = []

    def failing() -> None:
        runs.append(None)
        raise UserError("terraform destroy failed.")

    with pytest.raises(UserError, match="terraform destroy failed"):
        destroy.destroy_stack(failing, s3, BUCKET)
    assert len(runs) == 1


def test_a_second_run_has_nothing_to_do(s3: Any) -> None:
    buckets.delete(s3, BUCKET)
    assert destroy.destroy_stack(lambda: None, s3, BUCKET) == 0


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch) -> tuple[Target, Account]:
    monkeypatch.delenv("YES", raising=False)
    return Target("dev", "eu-west-1"), Account(
        "123456789012", boto3.session.Session(region_name="eu-west-1")
    )


@pytest.mark.parametrize(
    ("typed", "confirmed"),
    [("dev\n", True), ("dev", True), ("yes\n", False), ("de\n", False), ("\n", False), ("", False)],
)
def test_only_the_full_name_of_the_target_confirms_the_removal(
    dev: tuple[Target, Account], monkeypatch: pytest.MonkeyPatch, typed: str, confirmed: bool
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert destroy.confirm_removal(INVENTORY, {}, *dev) is confirmed


def test_the_question_names_the_account_and_what_will_be_removed(
    dev: tuple[Target, Account], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    destroy.confirm_removal(INVENTORY, {"review label": 12}, *dev)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "AWS account 123456789012 (eu-west-1)" in printed.err
    assert "roles: scones-dev-serving, scones-dev-training" in printed.err
    assert "Nothing brings back 12 review labels." in printed.err


def test_yes_in_the_environment_confirms_without_a_question(
    dev: tuple[Target, Account], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YES", "1")
    assert destroy.confirm_removal(INVENTORY, {}, *dev)
    assert capsys.readouterr().err == ""


def test_what_aws_refuses_is_reported_and_the_rest_continues(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refused() -> None:
        raise ClientError(
            {"Error": {"Code": "AccessDenied", "Message": "not for you"}}, "DeleteLogGroup"
        )

    destroy.try_to("delete log groups", refused)
    assert (
        "Could not delete log groups: An error occurred (AccessDenied)" in capsys.readouterr().err
    )


def test_credentials_that_expire_end_the_command() -> None:
    def expired() -> None:
        raise ClientError(
            {"Error": {"Code": "ExpiredToken", "Message": "sign in"}}, "DeleteLogGroup"
        )

    with pytest.raises(ClientError, match="ExpiredToken"):
        destroy.try_to("delete log groups", expired)


def test_leftovers_and_unlisted_kinds_are_reported_with_exit_status_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    left = Inventory(
        {"roles": frozenset({"scones-dev-training"})}, {"alarms": "AccessDenied: not for you"}
    )
    assert destroy.report(left) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "Left: 1 role.",
        "  roles: scones-dev-training",
        "Could not look for alarms: AccessDenied: not for you",
    ]
    assert "Remove what is listed" in printed.err


def test_it_says_which_files_it_deleted_and_which_it_kept(
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = Target("dev", "eu-west-1")
    destroy.say_files(target, ["model.tfvars.json", "plan.tfplan"], ["report.html"])
    destroy.say_files(target, [], [])
    assert capsys.readouterr().err.splitlines() == [
        "Deleted from build/dev: model.tfvars.json, plan.tfplan.",
        "Kept in build/dev: report.html.",
    ]


def test_the_result_counts_what_was_removed() -> None:
    lost = {"review label": 12, "capture file": 419}
    assert destroy.summary(INVENTORY, lost, 1234, {}) == (
        "Removed 1 bucket, 2 roles; 1,234 object versions were in the buckets, 12 review labels "
        "and 419 capture files among them. Nothing left."
    )
    assert destroy.summary(Inventory(), {}, 0, {}) == "There was nothing to remove. Nothing left."
    assert "AWS keeps the records of these jobs: job-a." in destroy.summary(
        INVENTORY, {}, 0, {"job-a": "ResourceInUse"}
    )
