"""notify_failure with an in-process AWS; a queue listens to the topic as people do."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from paths import ROOT
from state_machines import BREAKS, DOUBTS, PICTURE, SLEEPS, become, create, run

SOURCE = ROOT / "lambdas" / "notify_failure.py"
BUCKET = "scones-test-data"


@dataclass(frozen=True)
class Context:
    """What Lambda tells of a request; a repeated one keeps its id."""

    aws_request_id: str


FIRST, SECOND = Context("first"), Context("second")


@dataclass(frozen=True)
class World:
    """The account around the function."""

    function: ModuleType
    states: Any
    machine: str
    s3: Any
    sqs: Any
    queue: str

    def tell(self, arn: str, context: Context = FIRST) -> dict[str, bool]:
        return dict(self.function.lambda_handler({"detail": {"executionArn": arn}}, context))

    def notices(self) -> list[dict[str, str]]:
        """What has been published since the last look."""
        received = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get(
            "Messages", []
        )
        for message in received:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in received]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        s3, sns, sqs, states = (
            boto3.client(name) for name in ("s3", "sns", "sqs", "stepfunctions")
        )
        s3.create_bucket(Bucket=BUCKET)
        topic = sns.create_topic(Name="scones-test-alerts")["TopicArn"]
        queue = sqs.create_queue(QueueName="people")["QueueUrl"]
        sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:people"
        )
        for name, value in {
            "BUCKET": BUCKET,
            "TOPIC_ARN": topic,
            "ON_TARGET": " TARGET=dev",
        }.items():
            monkeypatch.setenv(name, value)
        yield World(load(), states, create(states, BREAKS, "scones-dev-classify"), s3, sqs, queue)


def load() -> ModuleType:
    """The module, loaded in reach of the in-process AWS: it makes its clients when it is loaded."""
    spec = importlib.util.spec_from_file_location(SOURCE.stem, SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_notice_tells_cause_picture_console_and_command(world: World) -> None:
    arn = run(world.states, world.machine, "one")
    assert world.tell(arn) == {"notified": True}
    (notice,) = world.notices()
    assert notice["Subject"] == "scones-dev-classify: EmptyImage, uploads/bike.png"
    assert notice["Message"].splitlines() == [
        "A picture went through the workflow without an answer.",
        "",
        "Picture:    s3://pictures/uploads/bike.png",
        "Error:      EmptyImage",
        "Cause:      The picture is empty.",
        "Execution:  https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1"
        f"#/v2/executions/details/{arn}",
        "",
        "Once the cause is mended, start it again:",
        f"make redrive EXECUTION={arn} TARGET=dev",
    ]


def test_a_second_delivery_of_the_event_tells_nothing_more(world: World) -> None:
    arn = run(world.states, world.machine, "one")
    world.tell(arn)
    assert world.tell(arn, SECOND) == {"notified": False}
    assert len(world.notices()) == 1


def test_each_execution_is_told_of(world: World) -> None:
    for name in ("one", "two"):
        world.tell(run(world.states, world.machine, name))
    assert len(world.notices()) == 2


def test_an_unsure_picture_is_nothing_to_tell_of(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    become(world.states, world.machine, DOUBTS)
    assert world.tell(run(world.states, world.machine, "unsure")) == {"notified": False}
    assert world.notices() == []
    assert capsys.readouterr().out == ""
    assert world.s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_a_notice_is_logged_as_json_for_the_metric(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = run(world.states, world.machine, "one")
    world.tell(arn)
    world.tell(arn, SECOND)
    assert json.loads(capsys.readouterr().out) == {
        "message": "Execution failed",
        "error": "EmptyImage",
        "execution": arn,
        "s3_key": "uploads/bike.png",
    }


def test_what_could_not_be_published_is_told_by_the_next_delivery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = run(world.states, world.machine, "one")
    with monkeypatch.context() as broken:
        broken.setenv("TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:gone")
        with pytest.raises(ClientError):
            world.tell(arn)
    assert world.notices() == []
    assert world.tell(arn, SECOND) == {"notified": True}
    assert len(world.notices()) == 1


def test_a_request_that_died_after_its_mark_tells_when_lambda_repeats_it(world: World) -> None:
    arn = run(world.states, world.machine, "one")
    world.s3.put_object(Bucket=BUCKET, Key="notices/one", Body=FIRST.aws_request_id)
    assert world.tell(arn, SECOND) == {"notified": False}
    assert world.tell(arn, FIRST) == {"notified": True}


def test_an_execution_that_is_still_shown_as_running_is_asked_for_again(world: World) -> None:
    become(world.states, world.machine, SLEEPS)
    arn = world.states.start_execution(stateMachineArn=world.machine, name="slow", input="{}")[
        "executionArn"
    ]
    with pytest.raises(world.function.StillRunning):
        world.tell(arn)


@pytest.mark.parametrize(
    ("status", "error", "cause"),
    [
        ("TIMED_OUT", "States.Timeout", "longer than"),
        ("ABORTED", "Aborted", "stopped it"),
        ("FAILED", "Unknown", "No"),
    ],
)
def test_an_end_without_an_error_is_named(
    world: World, status: str, error: str, cause: str
) -> None:
    told_error, told_cause = world.function.why({"status": status})
    assert told_error == error
    assert cause in told_cause


@pytest.mark.parametrize(
    ("given", "place"),
    [(PICTURE, "s3://pictures/uploads/bike.png"), ({}, "s3://?/?"), (["bike"], "s3://?/?")],
)
def test_an_input_that_names_no_picture_is_told_of_all_the_same(
    world: World, given: object, place: str
) -> None:
    world.tell(run(world.states, world.machine, "odd", given))
    assert place in world.notices()[0]["Message"]


def test_the_subject_is_one_that_sns_takes(world: World) -> None:
    odd = {"s3_bucket": "pictures", "s3_key": "Fahrräder\n" + "x" * 200}
    world.tell(run(world.states, world.machine, "odd", odd))
    (notice,) = world.notices()
    assert notice["Subject"].startswith("scones-dev-classify: EmptyImage, Fahrr?der?xxx")
    assert len(notice["Subject"]) == 100


def test_a_long_cause_is_cut_short(world: World) -> None:
    assert (
        len(world.function.why({"status": "FAILED", "error": "E", "cause": "x" * 30_000})[1])
        == 2_000
    )
