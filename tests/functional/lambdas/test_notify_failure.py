"""notify_failure with an in-process AWS, where a queue is subscribed to the topic."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from lambda_modules import load_function
from state_machines import FAILS, IMAGE, UNSURE, WAITS, create, replace_state, run

BUCKET = "scones-test-data"


@dataclass(frozen=True)
class Context:
    """Lambda's context of a request; a repeated request keeps its id."""

    aws_request_id: str


FIRST, SECOND = Context("first"), Context("second")


@dataclass(frozen=True)
class Account:
    """The function and the resources that it uses."""

    function: ModuleType
    states: Any
    machine: str
    s3: Any
    sqs: Any
    queue: str

    def notify(self, arn: str, context: Context = FIRST) -> dict[str, bool]:
        return dict(self.function.lambda_handler({"detail": {"executionArn": arn}}, context))

    def published(self) -> list[dict[str, str]]:
        """Receive what was published since the last call."""
        received = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get(
            "Messages", []
        )
        for message in received:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in received]


@pytest.fixture
def account(aws: boto3.session.Session, monkeypatch: pytest.MonkeyPatch) -> Account:
    s3, sns, sqs, states = (aws.client(name) for name in ("s3", "sns", "sqs", "stepfunctions"))
    s3.create_bucket(Bucket=BUCKET)
    topic = sns.create_topic(Name="scones-test-alerts")["TopicArn"]
    queue = sqs.create_queue(QueueName="operators")["QueueUrl"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:operators"
    )
    for name, value in {
        "BUCKET": BUCKET,
        "TOPIC_ARN": topic,
        "ON_TARGET": " TARGET=dev",
    }.items():
        monkeypatch.setenv(name, value)
    return Account(
        load_function("notify_failure"),
        states,
        create(states, FAILS, "scones-dev-classify"),
        s3,
        sqs,
        queue,
    )


def test_a_notification_names_cause_image_console_and_command(account: Account) -> None:
    arn = run(account.states, account.machine, "one")
    assert account.notify(arn) == {"notified": True}
    (notification,) = account.published()
    assert notification["Subject"] == "scones-dev-classify: EmptyImage, uploads/bike.png"
    assert notification["Message"].splitlines() == [
        "An execution of the workflow failed.",
        "",
        "Image:      s3://images/uploads/bike.png",
        "Error:      EmptyImage",
        "Cause:      The image is empty.",
        "Execution:  https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1"
        f"#/v2/executions/details/{arn}",
        "",
        "After fixing the cause, redrive it:",
        f"make redrive EXECUTION={arn} TARGET=dev",
    ]


def test_a_second_delivery_of_the_event_publishes_nothing(account: Account) -> None:
    arn = run(account.states, account.machine, "one")
    account.notify(arn)
    assert account.notify(arn, SECOND) == {"notified": False}
    assert len(account.published()) == 1


def test_each_failed_execution_is_published(account: Account) -> None:
    for name in ("one", "two"):
        account.notify(run(account.states, account.machine, name))
    assert len(account.published()) == 2


def test_low_confidence_is_not_published(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    replace_state(account.states, account.machine, UNSURE)
    assert account.notify(run(account.states, account.machine, "unsure")) == {"notified": False}
    assert account.published() == []
    assert capsys.readouterr().out == ""
    assert account.s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_a_notification_is_logged_as_json_for_the_metric(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = run(account.states, account.machine, "one")
    account.notify(arn)
    account.notify(arn, SECOND)
    assert json.loads(capsys.readouterr().out) == {
        "message": "Execution failed",
        "error": "EmptyImage",
        "execution": arn,
        "s3_key": "uploads/bike.png",
    }


def test_the_next_delivery_publishes_what_could_not_be_published(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = run(account.states, account.machine, "one")
    with monkeypatch.context() as broken:
        broken.setenv("TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:gone")
        with pytest.raises(ClientError):
            account.notify(arn)
    assert account.published() == []
    assert account.notify(arn, SECOND) == {"notified": True}
    assert len(account.published()) == 1


def test_a_request_that_died_after_its_marker_publishes_when_lambda_repeats_it(
    account: Account,
) -> None:
    arn = run(account.states, account.machine, "one")
    account.s3.put_object(Bucket=BUCKET, Key="notices/one", Body=FIRST.aws_request_id)
    assert account.notify(arn, SECOND) == {"notified": False}
    assert account.notify(arn, FIRST) == {"notified": True}


def test_an_execution_that_is_still_reported_as_running_raises(account: Account) -> None:
    replace_state(account.states, account.machine, WAITS)
    arn = account.states.start_execution(stateMachineArn=account.machine, name="slow", input="{}")[
        "executionArn"
    ]
    with pytest.raises(account.function.StillRunning):
        account.notify(arn)


@pytest.mark.parametrize(
    ("status", "error", "cause"),
    [
        ("TIMED_OUT", "States.Timeout", "longer than"),
        ("ABORTED", "Aborted", "stopped it"),
        ("FAILED", "Unknown", "No"),
    ],
)
def test_an_end_without_an_error_has_a_default_error_and_cause(
    account: Account, status: str, error: str, cause: str
) -> None:
    named_error, named_cause = account.function.error_and_cause({"status": status})
    assert named_error == error
    assert cause in named_cause


@pytest.mark.parametrize(
    ("event", "url"),
    [(IMAGE, "s3://images/uploads/bike.png"), ({}, "s3://?/?"), (["bike"], "s3://?/?")],
)
def test_a_failure_is_published_even_if_its_input_names_no_image(
    account: Account, event: object, url: str
) -> None:
    account.notify(run(account.states, account.machine, "odd", event))
    assert url in account.published()[0]["Message"]


def test_the_subject_is_one_that_sns_accepts(account: Account) -> None:
    event = {"s3_bucket": "images", "s3_key": "Fahrräder\n" + "x" * 200}
    account.notify(run(account.states, account.machine, "odd", event))
    (notification,) = account.published()
    assert notification["Subject"].startswith("scones-dev-classify: EmptyImage, Fahrr?der?xxx")
    assert len(notification["Subject"]) == 100


def test_a_long_cause_is_truncated(account: Account) -> None:
    execution = {"status": "FAILED", "error": "E", "cause": "x" * 30_000}
    _, cause = account.function.error_and_cause(execution)
    assert len(cause) == 2_000
