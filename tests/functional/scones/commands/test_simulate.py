"""`make simulate` on S3 and Step Functions in memory; the state machines give fixed answers."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import re
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import boto3
import numpy as np
import PIL.Image
import pytest
from eventually import eventually
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
from scones.simulation import images, settings
from scones.simulation.settings import Settings

DEV = Target("dev", "us-east-1")
OUTPUTS = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
CLASSES = ("bicycle", "motorcycle")
BUCKET = "scones-dev-data-123456789012"
KEYS = {name: [f"test/{name}_{n}.png" for n in range(4)] for name in CLASSES}
ENTRIES = tuple(
    Entry(key, CLASSES.index(name), "0" * 64) for name, keys in KEYS.items() for key in keys
)
MANIFEST = Manifest(
    CLASSES,
    Origin("sample", "0" * 64, True),
    "1",
    0,
    {},
    (*ENTRIES, Entry("train/a.png", 0, "0" * 64)),
)

ANSWER = {"inferences": [0.98, 0.02], "label": "bicycle", "confidence": 0.98}
CALLS_ALL_BICYCLES = {"Type": "Pass", "Result": ANSWER, "End": True}
IS_UNSURE = {
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
def account(aws: boto3.session.Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Account:
    monkeypatch.setattr("scones.settings.ROOT", tmp_path)
    account = Account("123456789012", aws)
    account.client("s3").create_bucket(Bucket=BUCKET)
    for name, keys in KEYS.items():
        for key in keys:
            pixels = draw_image(VEHICLES[name], Random(key))
            account.client("s3").put_object(
                Bucket=BUCKET, Key=key, Body=Image(key, 0, pixels).png()
            )
    return account


def served(account: Account, only: dict[str, Any]) -> Outputs:
    made = account.client("stepfunctions").create_state_machine(
        name="scones-dev-classify",
        definition=json.dumps({"StartAt": "Only", "States": {"Only": only}}),
        roleArn="arn:aws:iam::123456789012:role/any",
    )
    arn = made["stateMachineArn"]
    return dataclasses.replace(OUTPUTS, classes=CLASSES, data_bucket=BUCKET, state_machine_arn=arn)


def request(rate: str = "20", seconds: str = "1", drift: str = "none") -> Settings:
    return settings.parse(
        rate, seconds, "", drift, "", "5", {name: len(keys) for name, keys in KEYS.items()}
    )


def run(account: Account, only: dict[str, Any], requested: Settings | None = None) -> int:
    requested = requested or request()
    planned = images.plan_images(requested, simulate.test_image_keys(MANIFEST))
    return simulate.simulate(planned, requested, served(account, only), True, DEV, account)


def written(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tmp_path / "build" / "dev" / "simulation.json").read_text())
    return found


def true_labels(account: Account) -> dict[str, str]:
    return ground_truth.read(account.client("s3"), BUCKET, Window())


def executions(account: Account) -> dict[str, dict[str, Any]]:
    """The input of each execution, by its name."""
    states = account.client("stepfunctions")
    [machine] = states.list_state_machines()["stateMachines"]
    listed = states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    return {
        execution["name"]: json.loads(
            states.describe_execution(executionArn=execution["executionArn"])["input"]
        )
        for execution in listed
    }


def test_every_image_is_one_execution_whose_name_joins_record_and_ground_truth(
    account: Account, tmp_path: Path
) -> None:
    assert run(account, CALLS_ALL_BICYCLES) == 0
    sent = written(tmp_path)["images"]
    assert len(sent) == 20
    assert {
        image["inference_id"]: {"s3_bucket": BUCKET, "s3_key": image["s3_key"]} for image in sent
    } == executions(account)
    assert {image["inference_id"]: image["truth"] for image in sent} == true_labels(account)
    assert all(image["s3_key"] in KEYS[image["truth"]] for image in sent)
    assert {(image["outcome"], image["label"], image["confidence"]) for image in sent} == {
        ("accepted", "bicycle", 0.98)
    }


def test_the_summary_counts_right_and_wrong_answers(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    run(account, CALLS_ALL_BICYCLES)
    output = capsys.readouterr()
    counts = Counter(true_labels(account).values())
    assert output.out.splitlines()[-1] == (
        f"Sent 20 images: {counts['bicycle']} routed right, {counts['motorcycle']} routed wrong, "
        "0 unsure, 0 failed."
    )
    assert re.search(r"\d+\.\d images per second for \d\.\d s", output.out)
    assert "SEED=5" in output.err
    assert "Next: make report TARGET=dev, make drift TARGET=dev" in output.err


def test_unsure_images_are_not_failures(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(account, IS_UNSURE) == 0
    assert "20 unsure, 0 failed" in capsys.readouterr().out


def test_a_missing_endpoint_fails_every_execution_and_the_verb(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(account, LACKS_ITS_ENDPOINT) == 1
    output = capsys.readouterr()
    assert "20 of 20 executions failed: 20 EndpointError." in output.err
    assert "Endpoint x is missing." in output.err
    assert (
        "Error: Every execution failed. If the endpoint or a function is missing, "
        '"make apply TARGET=dev" restores it.' in output.err
    )
    assert {image["error"] for image in written(tmp_path)["images"]} == {"EndpointError"}


def test_darkened_images_are_uploaded_before_they_are_sent(
    account: Account, tmp_path: Path
) -> None:
    assert run(account, IS_UNSURE, request(drift="dark")) == 0
    record = written(tmp_path)
    for image in record["images"]:
        assert image["s3_key"] == f"simulated/{record['run']}/{image['number']:06}.png"
        png = account.client("s3").get_object(Bucket=BUCKET, Key=image["s3_key"])["Body"].read()
        dark = np.asarray(PIL.Image.open(io.BytesIO(png)))
        assert dark.shape == (32, 32, 3)
        assert dark.max() <= 0.3 * 255 + 1
    assert {image["inference_id"] for image in record["images"]} == executions(account).keys()


def test_the_ground_truth_of_new_objects_is_their_own_name(
    account: Account, tmp_path: Path
) -> None:
    run(account, CALLS_ALL_BICYCLES, request(drift="new-objects"))
    new = [image for image in written(tmp_path)["images"] if image["drift"] == "new-objects"]
    assert 3 < len(new) < 17
    assert {true_labels(account)[image["inference_id"]] for image in new} <= {
        "bus",
        "pickup_truck",
        "streetcar",
    }


def test_ground_truth_is_written_during_the_run(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scones.simulation.ground_truth.MIN_INTERVAL", 0.1)
    early: list[int] = []
    threading.Timer(1.5, lambda: early.append(len(true_labels(account)))).start()
    run(account, CALLS_ALL_BICYCLES, request(rate="10", seconds="3"))
    assert 5 <= early[0] < 30
    assert len(true_labels(account)) == 30


def test_ctrl_c_sends_nothing_more_and_leaves_record_and_ground_truth(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGINT]).start()
    assert run(account, CALLS_ALL_BICYCLES, request(rate="10", seconds="60")) == INTERRUPTED
    record = written(tmp_path)
    assert record["interrupted"] is True
    assert 1 <= len(record["images"]) < 50
    assert {image["outcome"] for image in record["images"]} == {"accepted"}
    assert (
        {image["inference_id"] for image in record["images"]}
        == executions(account).keys()
        == true_labels(account).keys()
    )
    output = capsys.readouterr()
    assert "Ctrl-C again ends at once" in output.err
    assert f"Sent {len(record['images'])} images" in output.out


def test_a_second_ctrl_c_ends_at_once_and_still_leaves_the_record(
    account: Account, tmp_path: Path
) -> None:
    for seconds in (1.0, 1.4):
        threading.Timer(seconds, os.kill, [os.getpid(), signal.SIGINT]).start()
    started = time.monotonic()
    assert run(account, TAKES_LONG, request(rate="10", seconds="60")) == INTERRUPTED
    assert time.monotonic() - started < 4
    record = written(tmp_path)
    assert {image["outcome"] for image in record["images"]} == {"open"}
    assert {image["inference_id"] for image in record["images"]} == true_labels(account).keys()


def test_a_state_machine_that_goes_away_ends_it_with_a_sentence_and_the_record(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def delete() -> None:
        states = account.client("stepfunctions")
        (machine,) = eventually(lambda: states.list_state_machines()["stateMachines"])
        arn = machine["stateMachineArn"]
        eventually(lambda: states.list_executions(stateMachineArn=arn)["executions"])
        states.delete_state_machine(stateMachineArn=arn)

    threading.Thread(target=delete, daemon=True).start()
    with pytest.raises(UserError, match="The state machine does not exist"):
        run(account, CALLS_ALL_BICYCLES, request(rate="10", seconds="60"))
    assert 1 <= len(written(tmp_path)["images"]) < 60
    assert true_labels(account).keys() == {
        image["inference_id"] for image in written(tmp_path)["images"]
    }
    assert "routed right" in capsys.readouterr().out


def test_ground_truth_that_cannot_be_written_is_an_error_after_the_record(
    account: Account, tmp_path: Path
) -> None:
    requested = request(rate="5")
    planned = images.plan_images(requested, KEYS)
    outputs = served(account, CALLS_ALL_BICYCLES)
    gone = dataclasses.replace(outputs, data_bucket="scones-dev-gone")
    with pytest.raises(account.client("s3").exceptions.NoSuchBucket):
        simulate.simulate(planned, requested, gone, True, DEV, account)
    assert len(written(tmp_path)["images"]) == 5


def test_only_test_images_are_sent() -> None:
    assert simulate.test_image_keys(MANIFEST) == KEYS


def test_the_warning_names_the_state_machine_and_its_effect() -> None:
    output = simulate.warning(request(), OUTPUTS)
    assert output == (
        "20 images will be sent to scones-local-classify; "
        "orders are routed for them as for real drivers."
    )
