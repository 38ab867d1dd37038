"""`make simulate` on S3 and Step Functions in memory, with state machines that judge pictures as they are told to."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import boto3
import numpy as np
import PIL.Image
import pytest
from moto import mock_aws
from paths import EXAMPLE_OUTPUTS

from monitor import ground_truth
from monitor.window import Window
from scones.aws import Account
from scones.cli import INTERRUPTED
from scones.commands import simulate
from scones.errors import UserError
from scones.images.dataset import Image
from scones.images.drawn.image import VEHICLES, draw_image
from scones.images.manifest import Entry, Manifest, Origin
from scones.outputs import Outputs
from scones.settings import Target
from scones.simulation import pictures, settings
from scones.simulation.settings import Settings

DEV = Target("dev", "us-east-1")
OUTPUTS = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
CLASSES = ("bicycle", "motorcycle")
BUCKET = "scones-dev-data-123456789012"
KEYS = {name: [f"test/{name}_{n}.png" for n in range(4)] for name in CLASSES}
ENTRIES = tuple(
    Entry(key, CLASSES.index(name), "0" * 64) for name, keys in KEYS.items() for key in keys
)
IMAGES = Manifest(
    CLASSES,
    Origin("sample", "0" * 64, True),
    "1",
    0,
    {},
    (*ENTRIES, Entry("train/a.png", 0, "0" * 64)),
)

ANSWER = {"inferences": [0.98, 0.02], "label": "bicycle", "confidence": 0.98}
CALLS_ALL_BICYCLES = {"Type": "Pass", "Result": ANSWER, "End": True}
DOUBTS = {
    "Type": "Fail",
    "Error": "LowConfidence",
    "Cause": json.dumps({**ANSWER, "message": "Below."}),
}
LACKS_ITS_ENDPOINT = {
    "Type": "Fail",
    "Error": "EndpointError",
    "Cause": '{"errorMessage": "Endpoint x is missing."}',
}
TAKES_LONG = {"Type": "Wait", "Seconds": 30, "End": True}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Account]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr("scones.settings.ROOT", tmp_path)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        found = Account("123456789012", boto3.session.Session(region_name="us-east-1"))
        found.client("s3").create_bucket(Bucket=BUCKET)
        for name, keys in KEYS.items():
            for key in keys:
                pixels = draw_image(VEHICLES[name], Random(key))
                found.client("s3").put_object(
                    Bucket=BUCKET, Key=key, Body=Image(key, 0, pixels).png()
                )
        yield found


def served(account: Account, only: dict[str, Any]) -> Outputs:
    made = account.client("stepfunctions").create_state_machine(
        name="scones-dev-classify",
        definition=json.dumps({"StartAt": "Only", "States": {"Only": only}}),
        roleArn="arn:aws:iam::123456789012:role/any",
    )
    arn = made["stateMachineArn"]
    return dataclasses.replace(OUTPUTS, classes=CLASSES, data_bucket=BUCKET, state_machine_arn=arn)


def wanted(rate: str = "20", seconds: str = "1", drift: str = "none") -> Settings:
    return settings.parse(
        rate, seconds, "", drift, "", "5", {name: len(keys) for name, keys in KEYS.items()}
    )


def run(account: Account, only: dict[str, Any], asked: Settings | None = None) -> int:
    asked = asked or wanted()
    planned = pictures.sequence(asked, simulate.test_images(IMAGES))
    return simulate.simulate(planned, asked, served(account, only), IMAGES, DEV, account)


def written(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tmp_path / "build" / "dev" / "simulation.json").read_text())
    return found


def truths(account: Account) -> dict[str, str]:
    return ground_truth.read(account.client("s3"), BUCKET, Window())


def executions(account: Account) -> dict[str, dict[str, Any]]:
    """What each execution was given, by its name."""
    states = account.client("stepfunctions")
    [machine] = states.list_state_machines()["stateMachines"]
    listed = states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    return {
        one["name"]: json.loads(
            states.describe_execution(executionArn=one["executionArn"])["input"]
        )
        for one in listed
    }


def test_every_picture_is_one_execution_whose_name_joins_record_and_truths(
    account: Account, tmp_path: Path
) -> None:
    assert run(account, CALLS_ALL_BICYCLES) == 0
    sent = written(tmp_path)["pictures"]
    assert len(sent) == 20
    assert {
        one["inference_id"]: {"s3_bucket": BUCKET, "s3_key": one["s3_key"]} for one in sent
    } == executions(account)
    assert {one["inference_id"]: one["truth"] for one in sent} == truths(account)
    assert all(one["s3_key"] in KEYS[one["truth"]] for one in sent)
    assert {(one["outcome"], one["label"], one["confidence"]) for one in sent} == {
        ("accepted", "bicycle", 0.98)
    }


def test_the_summary_tells_right_from_wrong(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    run(account, CALLS_ALL_BICYCLES)
    told = capsys.readouterr()
    counts = Counter(truths(account).values())
    assert told.out.splitlines()[-1] == (
        f"Sent 20 pictures: {counts['bicycle']} routed right, {counts['motorcycle']} routed wrong, 0 unsure, 0 failed."
    )
    assert "20 sent in 1.0 s, 20.0 a second" in told.out
    assert "20/20 sent in" in told.err
    assert "SEED=5" in told.err
    assert "Next: make report TARGET=dev, make drift TARGET=dev" in told.err


def test_unsure_pictures_are_answers(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(account, DOUBTS) == 0
    assert "20 unsure, 0 failed" in capsys.readouterr().out


def test_a_missing_endpoint_fails_every_execution_and_the_verb(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(account, LACKS_ITS_ENDPOINT) == 1
    told = capsys.readouterr()
    assert "20 of 20 executions failed: 20 EndpointError." in told.err
    assert "Endpoint x is missing." in told.err
    assert (
        'Error: Every execution failed. If the endpoint or a function is gone, "make apply TARGET=dev"'
        in told.err
    )
    assert {one["error"] for one in written(tmp_path)["pictures"]} == {"EndpointError"}


def test_darkened_pictures_are_uploaded_and_sent_from_there(
    account: Account, tmp_path: Path
) -> None:
    assert run(account, DOUBTS, wanted(drift="dark")) == 0
    record = written(tmp_path)
    for one in record["pictures"]:
        assert one["s3_key"] == f"simulated/{record['run']}/{one['number']:06}.png"
        png = account.client("s3").get_object(Bucket=BUCKET, Key=one["s3_key"])["Body"].read()
        dark = np.asarray(PIL.Image.open(io.BytesIO(png)))
        assert dark.shape == (32, 32, 3)
        assert dark.max() <= 0.3 * 255 + 1
    assert {one["inference_id"] for one in record["pictures"]} == executions(account).keys()


def test_new_objects_are_known_to_the_truths_as_what_they_are(
    account: Account, tmp_path: Path
) -> None:
    run(account, CALLS_ALL_BICYCLES, wanted(drift="new-objects"))
    new = [one for one in written(tmp_path)["pictures"] if one["drift"] == "new-objects"]
    assert 3 < len(new) < 17
    assert {truths(account)[one["inference_id"]] for one in new} <= {
        "bus",
        "pickup_truck",
        "streetcar",
    }


def test_truths_are_there_before_the_end(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scones.simulation.truths.SOONEST", 0.1)
    early: list[int] = []
    threading.Timer(1.5, lambda: early.append(len(truths(account)))).start()
    run(account, CALLS_ALL_BICYCLES, wanted(rate="10", seconds="3"))
    assert 5 <= early[0] < 30
    assert len(truths(account)) == 30


def test_ctrl_c_sends_nothing_more_and_leaves_record_and_truths(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGINT]).start()
    assert run(account, CALLS_ALL_BICYCLES, wanted(rate="10", seconds="60")) == INTERRUPTED
    record = written(tmp_path)
    assert record["interrupted"] is True
    assert 1 <= len(record["pictures"]) < 50
    assert {one["outcome"] for one in record["pictures"]} == {"accepted"}
    assert (
        {one["inference_id"] for one in record["pictures"]}
        == executions(account).keys()
        == truths(account).keys()
    )
    told = capsys.readouterr()
    assert "Ctrl-C again ends at once" in told.err
    assert f"Sent {len(record['pictures'])} pictures" in told.out


def test_a_second_ctrl_c_waits_for_nothing_and_still_leaves_the_record(
    account: Account, tmp_path: Path
) -> None:
    for seconds in (1.0, 1.4):
        threading.Timer(seconds, os.kill, [os.getpid(), signal.SIGINT]).start()
    started = time.monotonic()
    assert run(account, TAKES_LONG, wanted(rate="10", seconds="60")) == INTERRUPTED
    assert time.monotonic() - started < 4
    record = written(tmp_path)
    assert {one["outcome"] for one in record["pictures"]} == {"open"}
    assert {one["inference_id"] for one in record["pictures"]} == truths(account).keys()


def test_a_state_machine_that_goes_away_ends_it_with_a_sentence_and_the_record(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def delete() -> None:
        states = account.client("stepfunctions")
        [machine] = states.list_state_machines()["stateMachines"]
        states.delete_state_machine(stateMachineArn=machine["stateMachineArn"])

    threading.Timer(1.5, delete).start()
    with pytest.raises(UserError, match="The state machine does not exist"):
        run(account, CALLS_ALL_BICYCLES, wanted(rate="10", seconds="60"))
    assert 1 <= len(written(tmp_path)["pictures"]) < 60
    assert truths(account).keys() == {one["inference_id"] for one in written(tmp_path)["pictures"]}
    assert "routed right" in capsys.readouterr().out


def test_truths_that_cannot_be_written_are_an_error_after_the_record(
    account: Account, tmp_path: Path
) -> None:
    asked = wanted(rate="5")
    planned = pictures.sequence(asked, KEYS)
    outputs = served(account, CALLS_ALL_BICYCLES)
    gone = dataclasses.replace(outputs, data_bucket="scones-dev-gone")
    with pytest.raises(account.client("s3").exceptions.NoSuchBucket):
        simulate.simulate(planned, asked, gone, IMAGES, DEV, account)
    assert len(written(tmp_path)["pictures"]) == 5


def test_only_test_images_are_sent() -> None:
    assert simulate.test_images(IMAGES) == KEYS


def test_a_real_account_is_told_what_it_agrees_to() -> None:
    told = simulate.warning(wanted(), OUTPUTS)
    assert (
        told
        == "20 pictures go through scones-local-classify, and orders are routed for them as for any driver's."
    )
