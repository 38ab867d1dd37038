"""The report on an account: captures in S3 joined with executions and ground truth."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from eventually import eventually
from example_model import MODEL
from paths import EXAMPLE_OUTPUTS

from localaws.sagemaker import capture
from localaws.sagemaker.capture import Exchange
from monitor import ground_truth
from monitor.window import Window
from scones.aws import Account
from scones.commands import report
from scones.errors import UserError
from scones.outputs import Outputs
from scones.reporting.report_page import write_report
from scones.settings import Target

TARGET = Target("local", "us-east-1", ("bicycle", "motorcycle"), 0.93)
RAW = json.loads((EXAMPLE_OUTPUTS).read_text())
CONFIG = {
    "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
    "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
}
ENDINGS = {"unsure": "LowConfidence", "broken": "NotAnImage"}
MACHINE = {
    "StartAt": "Which?",
    "States": {
        "Which?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.ending", "StringEquals": name, "Next": name} for name in ENDINGS
            ],
            "Default": "Route driver",
        },
        "Route driver": {"Type": "Pass", "End": True},
        **{
            name: {"Type": "Fail", "Error": error, "Cause": "{}"} for name, error in ENDINGS.items()
        },
    },
}


class Stage:
    """An account with traffic."""

    def __init__(self, session: boto3.session.Session) -> None:
        self.account = Account("123456789012", session)
        self.s3, self.states = self.account.client("s3"), self.account.client("stepfunctions")
        self.s3.create_bucket(Bucket=RAW["data_bucket"])
        machine = self.states.create_state_machine(
            name="scones-local-classify",
            definition=json.dumps(MACHINE),
            roleArn="arn:aws:iam::123456789012:role/any",
        )
        self.outputs = replace(Outputs.parse(RAW), state_machine_arn=machine["stateMachineArn"])
        self.now = datetime.now(UTC)

    def send(self, name: str, confidence: float | None = 0.99, ending: str = "") -> None:
        """Run an execution with that ending, and capture its image unless `confidence` is None."""
        self.states.start_execution(
            stateMachineArn=self.outputs.state_machine_arn,
            name=name,
            input=json.dumps({"ending": ending}),
        )
        if confidence is not None:
            self.capture(name, confidence)

    def capture(
        self, name: str | None, confidence: float, at: datetime | None = None, endpoint: str = ""
    ) -> None:
        at = at or datetime.now(UTC)
        place = f"data-capture/{endpoint or self.outputs.endpoint.name}/AllTraffic/{at:%Y/%m/%d/%H}"
        answer = json.dumps([confidence, 1 - confidence]).encode()
        line = capture.line(
            capture.record(
                CONFIG, Exchange("image/png", b"not an image", "application/json", answer, name, at)
            )
        )
        self.s3.put_object(
            Bucket=RAW["data_bucket"], Key=f"{place}/{at:%M-%S-%f}-{name}.jsonl", Body=line
        )

    def report(self, url: str = "", hours: int = 24) -> Any:
        now = datetime.now(UTC)
        window = Window() if url else Window(now - timedelta(hours=hours), None)
        return report.report_on_account(url, window, TARGET, now, self.account, self.outputs)

    def figures(self, *arguments: Any, **options: Any) -> Any:
        return self.report(*arguments, **options).figures


@pytest.fixture
def stage(aws: boto3.session.Session) -> Stage:
    return Stage(aws)


def settle(stage: Stage) -> None:
    """Wait until no execution is running."""
    running = {"stateMachineArn": stage.outputs.state_machine_arn, "statusFilter": "RUNNING"}
    eventually(lambda: not stage.states.list_executions(**running)["executions"])


def test_every_image_is_in_the_report_once_with_its_outcome(stage: Stage) -> None:
    for number in range(6):
        stage.send(f"sure-{number}")
    for number in range(3):
        stage.send(f"unsure-{number}", 0.6, "unsure")
    stage.send("broken", None, "broken")
    stage.capture("sure-0", 0.99)
    settle(stage)
    figures = stage.figures()
    assert (figures["records"], figures["repeated"], figures["images"], figures["uncaptured"]) == (
        10,
        1,
        10,
        1,
    )
    assert (figures["accepted"], figures["unsure"], figures["failed"]) == (6, 3, 1)
    assert figures["errors"] == {"NotAnImage": 1}
    assert figures["latency_ms"]["images"] == 10
    assert figures["execution"]["name"] == "broken"
    assert [(visit["state"], visit["status"]) for visit in figures["execution"]["path"]] == [
        ("Which?", "succeeded"),
        ("broken", "failed"),
    ]


def test_an_unsure_image_that_was_not_captured_is_not_a_failure(stage: Stage) -> None:
    stage.send("unsure", None, "unsure")
    settle(stage)
    figures = stage.figures()
    assert (figures["records"], figures["images"], figures["unsure"], figures["failed"]) == (
        0,
        1,
        1,
        0,
    )


def test_ground_truth_is_joined_by_inference_id(stage: Stage) -> None:
    stage.send("right")
    stage.send("wrong")
    labels = ground_truth.lines(
        {"right": "bicycle", "wrong": "motorcycle", "unheard-of": "bicycle"}
    )
    stage.s3.put_object(
        Bucket=RAW["data_bucket"], Key=ground_truth.key(stage.now, "run"), Body=labels.encode()
    )
    settle(stage)
    assert stage.figures()["truth"]["accuracy"] == 0.5


def test_more_executions_than_a_page_holds_are_all_found(stage: Stage) -> None:
    pages = stage.states.meta.events
    pages.register(
        "provide-client-params.stepfunctions.ListExecutions",
        lambda params, **_: {**params, "maxResults": 4},
    )
    for number in range(10):
        stage.send(f"image-{number}")
    settle(stage)
    figures = stage.figures()
    assert (figures["images"], figures["latency_ms"]["images"]) == (10, 10)


def test_requests_beside_the_workflow_are_left_out_and_counted(stage: Stage) -> None:
    stage.send("through")
    stage.capture(None, 0.5)
    settle(stage)
    figures = stage.figures()
    assert (figures["images"], figures["unsure"], figures["direct"]) == (1, 0, 1)
    assert sum(figures["executions"].values()) == 1
    assert figures["ways"]["unknown"] == 0


def test_records_from_a_clock_that_is_ahead_are_not_lost(stage: Stage) -> None:
    stage.capture("ahead", 0.97, datetime.now(UTC) + timedelta(minutes=20))
    assert stage.figures()["images"] == 1


def test_records_before_the_window_are_left_out(stage: Stage) -> None:
    stage.capture("old", 0.97, stage.now - timedelta(hours=3))
    stage.capture("new", 0.97)
    assert stage.figures(hours=2)["images"] == 1
    assert stage.figures(hours=24)["images"] == 2


def test_an_explicit_prefix_is_read_from_the_first_record_to_the_last(
    stage: Stage,
) -> None:
    stage.capture("old", 0.97, stage.now - timedelta(days=400))
    stage.capture("new", 0.97, endpoint="another")
    assert stage.figures(f"s3://{RAW['data_bucket']}/data-capture")["images"] == 2
    assert stage.figures(f"s3://{RAW['data_bucket']}/data-capture/another/")["images"] == 1


def test_captures_in_another_bucket_are_reported_without_our_executions(stage: Stage) -> None:
    stage.send("ours")
    stage.s3.create_bucket(Bucket="theirs")
    figures = stage.figures("s3://theirs/anything")
    assert (figures["images"], figures["account"]) == (0, False)


def test_a_missing_bucket_is_a_sentence(stage: Stage) -> None:
    with pytest.raises(UserError, match="There is no bucket nobodys"):
        stage.report("s3://nobodys/captures")


def test_without_anything_provisioned_a_sentence_names_the_remedy(stage: Stage) -> None:
    with pytest.raises(UserError, match="Nothing is provisioned for local"):
        report.report_on_account("", Window(), TARGET, stage.now, stage.account, None)


def test_a_deleted_state_machine_leaves_a_report_on_the_captures(stage: Stage) -> None:
    stage.capture("one", 0.97)
    stage.outputs = replace(
        stage.outputs, state_machine_arn=f"{stage.outputs.state_machine_arn}-gone"
    )
    figures = stage.figures()
    assert (figures["images"], figures["executions"]) == (1, None)


def test_a_report_written_during_traffic_adds_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        stage.send(f"before-{number}")
    settle(stage)
    arriving = iter(range(100))

    def arrive(**_: Any) -> None:
        for number in [next(arriving, None)]:
            if number is not None and number < 4:
                stage.send(f"meanwhile-{number}")

    stage.s3.meta.events.register("before-call.s3.GetObject", arrive)
    figures = stage.figures()
    assert figures["images"] == sum(
        figures[name] for name in ("accepted", "unsure", "failed", "running", "unanswered")
    )
    assert figures["images"] == figures["records"] == 5
    assert sum(span["images"] for span in figures["timeline"]["spans"]) == 5


def test_an_earlier_model_is_listed_separately(stage: Stage) -> None:
    sagemaker = stage.account.client("sagemaker")
    sagemaker.create_model(
        ModelName="m",
        ExecutionRoleArn="arn:aws:iam::123456789012:role/any",
        PrimaryContainer={"Image": "image"},
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "m",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName="config", ProductionVariants=[variant])
    stage.outputs = replace(
        stage.outputs,
        endpoint=replace(stage.outputs.endpoint, config_name="config"),
        model=replace(MODEL, name="new"),
    )
    created = sagemaker.describe_endpoint_config(EndpointConfigName="config")[
        "CreationTime"
    ].replace(tzinfo=UTC)
    stage.capture("old", 0.97, created - timedelta(minutes=5))
    stage.capture("new", 0.97, created + timedelta(minutes=5))
    assert [source["model"] for source in stage.figures()["endpoints"]] == ["before new", "new"]


def test_drift_is_not_measured_without_a_served_model(stage: Stage) -> None:
    stage.capture("one", 0.97)
    figures = stage.figures()
    assert figures["drift"] is None
    assert figures["drift_because"]


def test_the_report_is_written_as_page_figures_and_charts(stage: Stage, tmp_path: Path) -> None:
    for number in range(3):
        stage.send(f"sure-{number}")
    settle(stage)
    write_report(stage.report(), tmp_path)
    assert "3 images:" in (tmp_path / "report.html").read_text()
    assert json.loads((tmp_path / "report.json").read_text())["records"] == 3
    assert {file.name for file in (tmp_path / "report").iterdir()} >= {
        "latency.png",
        "outcomes.png",
    }
