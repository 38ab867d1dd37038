"""`make drift` against moto: captured images compared with the live model's baseline."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from captured_traffic import artifact, capture, metrics, packed, pngs
from eventually import eventually
from example_model import MODEL
from paths import EXAMPLE_OUTPUTS

from monitor import drift_table
from monitor.captures import Captures
from monitor.drift import Finding
from monitor.window import Window
from scones.aws import Account
from scones.commands import drift
from scones.errors import UserError
from scones.outputs import Outputs
from scones.provisioning.stack import Stack
from scones.reporting import drift_measurement
from scones.settings import Target
from scones.training import live_model

OUTPUTS = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
BUCKET, ENDPOINT = OUTPUTS.data_bucket, OUTPUTS.endpoint.name
NAME, URL = "scones-local-live", f"s3://{BUCKET}/models/live/output/model.tar.gz"
ROLE = "arn:aws:iam::123456789012:role/scones-local-serving"


@pytest.fixture
def account(aws: boto3.session.Session) -> Account:
    account = Account("123456789012", aws)
    account.client("s3").create_bucket(Bucket=BUCKET)
    return account


@pytest.fixture
def served(account: Account, tmp_path: Path) -> Outputs:
    """The outputs of a target whose endpoint serves a small model."""
    path = packed(artifact(tmp_path), tmp_path / "model.tar.gz")
    account.client("s3").upload_file(str(path), BUCKET, URL.removeprefix(f"s3://{BUCKET}/"))
    sagemaker = account.client("sagemaker")
    sagemaker.create_model(
        ModelName=NAME, ExecutionRoleArn=ROLE, PrimaryContainer={"ModelDataUrl": URL}
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": NAME,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=NAME, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=NAME)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return replace(
        OUTPUTS,
        endpoint=replace(OUTPUTS.endpoint, config_name=NAME),
        model=replace(MODEL, name=NAME, data_url=URL, artifact_sha256=sha256),
    )


@pytest.fixture
def make_drift(
    account: Account, served: Outputs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Any:
    """The verb on a provisioned target; its build folder is below `tmp_path`."""
    monkeypatch.setattr("scones.settings.ROOT", tmp_path)
    monkeypatch.setattr(Target, "load", lambda name: Target(name, "us-east-1"))
    monkeypatch.setattr(Account, "of", lambda *_: account)
    monkeypatch.setattr(Stack, "outputs", lambda *_: served)
    return lambda *flags: drift.main(list(flags))


def test_drift_is_reported_with_metrics_and_is_not_a_failure(
    account: Account, make_drift: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture(account.client("s3"), BUCKET, ENDPOINT, pngs(range(40), light=0.3))
    assert make_drift() == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("Drift in 40 distinct images (p = 0.00")
    assert "Images are darker: mean brightness" in printed.out
    assert "brightness" in printed.err
    written = json.loads((tmp_path / "build" / "local" / "drift.json").read_text())
    assert (written["drifted"], written["model"], written["endpoint"]) == (True, NAME, ENDPOINT)
    [entry] = account.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="drift/")["Contents"]
    assert (
        json.loads(account.client("s3").get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read())
        == written
    )
    assert f"s3://{BUCKET}/{entry['Key']}" in printed.out
    put = metrics(account.client("cloudwatch"), OUTPUTS.monitoring.namespace)
    assert put == {
        "Drifted": 1,
        "DriftPValue": pytest.approx(written["p_value"]),
        "DriftImages": 40,
    }


def test_no_drift_is_a_metric_of_zero(
    account: Account, make_drift: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    capture(account.client("s3"), BUCKET, ENDPOINT, pngs(range(80)))
    assert make_drift("--images", "50") == 0
    assert capsys.readouterr().out.startswith("No drift in 50 distinct images (p = 1)")
    assert metrics(account.client("cloudwatch"), OUTPUTS.monitoring.namespace)["Drifted"] == 0


def test_too_few_images_are_reported_without_metrics(
    account: Account, make_drift: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    capture(account.client("s3"), BUCKET, ENDPOINT, pngs(range(10), light=0.1) * 5)
    assert make_drift() == 0
    assert capsys.readouterr().out.startswith(
        "No verdict: 10 distinct images; at least 30 are needed."
    )
    assert metrics(account.client("cloudwatch"), OUTPUTS.monitoring.namespace) == {}


def test_without_captures_no_model_is_fetched(
    account: Account, make_drift: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture(account.client("s3"), BUCKET, ENDPOINT, pngs(range(40)), ago=timedelta(days=3))
    assert make_drift() == 0
    assert capsys.readouterr().out.startswith(f"{ENDPOINT} captured nothing in this window")
    assert not (tmp_path / "build" / "local" / "models").exists()
    assert make_drift("--since", "7d", "--until", "1d") == 0
    assert "40 distinct images" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--images", "0"], 'IMAGES must be a whole number from 1 to 1,000,000, not "0"'),
        (["--images", "many"], 'IMAGES must be a whole number from 1 to 1,000,000, not "many"'),
        (["--since", "soon"], '"soon" is not a time; .*SINCE or UNTIL'),
        (["--since", "1h", "--until", "2h"], "The window ends .* before it begins"),
    ],
)
def test_an_unreadable_option_is_one_sentence(
    make_drift: Any, flags: list[str], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        make_drift(*flags)


def test_a_served_model_is_needed(
    make_drift: Any, served: Outputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stack, "outputs", lambda *_: replace(served, model=None))
    with pytest.raises(UserError, match=r'No model is served\. Run "make train apply" first'):
        make_drift()


def test_the_artifact_is_fetched_once(account: Account, served: Outputs, tmp_path: Path) -> None:
    name, tarball = live_model.fetch(served, account, tmp_path)
    assert served.model is not None
    assert tarball.name == f"{served.model.artifact_sha256}.tar.gz"
    account.client("s3").delete_object(Bucket=BUCKET, Key=URL.removeprefix(f"s3://{BUCKET}/"))
    assert live_model.fetch(served, account, tmp_path) == (name, tarball)
    tarball.unlink()
    with pytest.raises(UserError, match="There is no model at"):
        live_model.fetch(served, account, tmp_path)
    assert list(tarball.parent.iterdir()) == []


def test_the_model_is_the_one_that_serves_whatever_was_planned(
    account: Account, served: Outputs, tmp_path: Path
) -> None:
    planned = replace(served, model=replace(MODEL, name="newer"))
    name, tarball = live_model.fetch(planned, account, tmp_path)
    assert (name, tarball.exists()) == (NAME, True)


def records(account: Account) -> Captures:
    now = datetime.now(UTC)
    return Captures.in_s3(
        account.client("s3"), BUCKET, "data-capture", Window(now - timedelta(hours=1))
    )


def test_a_report_gets_plain_values(account: Account, served: Outputs, tmp_path: Path) -> None:
    capture(account.client("s3"), BUCKET, ENDPOINT, pngs(range(40)))
    result = drift_measurement.measure(records(account), served, account, tmp_path).as_json()
    assert (result["drifted"], result["images"]) == (False, 40)
    assert json.loads(json.dumps(result))["tests"][0]["name"] == "embedding"


def test_a_report_gets_a_sentence_if_drift_cannot_be_measured(
    account: Account, served: Outputs, tmp_path: Path
) -> None:
    other = replace(served, endpoint=replace(served.endpoint, name="another"))
    with pytest.raises(UserError) as refused:
        drift_measurement.measure([], other, account, tmp_path)
    assert str(refused.value) == (
        'The endpoint another does not serve. Run "make apply" to bring it back.'
    )
    account.client("s3").upload_file(
        str(packed({"model-0000.params": b"weights"}, tmp_path / "built-in.tar.gz")),
        BUCKET,
        URL.removeprefix(f"s3://{BUCKET}/"),
    )
    with pytest.raises(UserError, match="drift is not measured for the built-in algorithm's"):
        drift_measurement.measure([], served, account, tmp_path / "fresh")


FINDING = Finding(
    name="predicted class",
    measure="chi²",
    statistic=12.3456,
    p_value=0.0001,
    adjusted=0.0007,
    drifted=True,
    baseline={"bicycle": 0.5, "motorcycle": 0.5},
    window={"bicycle": 0.1, "motorcycle": 0.9},
    sentence="More motorcycles.",
)


@pytest.mark.parametrize("width", [60, 80, 100, None])
def test_the_table_fits_and_always_holds_the_verdict(width: int | None) -> None:
    headings, line, *_ = drift.table([FINDING], width).splitlines()
    assert len(line) <= (width or 140)
    assert headings.split()[-2:] == ["adjusted", "drifted"]
    assert line.split()[-2:] == ["0.00070", "yes"]


def test_every_heading_has_a_column() -> None:
    assert tuple(column.heading for column in drift.COLUMNS) == drift_table.HEADINGS


def run_executions(account: Account, *endings: str) -> None:
    """Executions of the target's state machine, which end with that error, or without one."""
    states = account.client("stepfunctions")
    error = {"Type": "Fail", "ErrorPath": "$.error"}
    choice = {"Variable": "$.error", "StringEquals": "", "Next": "Succeed"}
    definition = {
        "StartAt": "Error?",
        "States": {
            "Error?": {"Type": "Choice", "Choices": [choice], "Default": "Fail"},
            "Succeed": {"Type": "Succeed"},
            "Fail": error,
        },
    }
    machine = states.create_state_machine(
        name=OUTPUTS.state_machine_arn.rpartition(":")[2],
        definition=json.dumps(definition),
        roleArn=ROLE,
    )["stateMachineArn"]
    for number, ending in enumerate(endings):
        states.start_execution(
            stateMachineArn=machine, name=f"image-{number}", input=json.dumps({"error": ending})
        )
    running = partial(states.list_executions, stateMachineArn=machine, statusFilter="RUNNING")
    eventually(lambda: not running()["executions"])


def test_captures_that_are_still_on_their_way_are_announced(
    account: Account, make_drift: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run_executions(account, "", "LowConfidence")
    assert make_drift() == 0
    printed = capsys.readouterr()
    assert printed.err.startswith("2 captures of the latest images are not there yet: SageMaker")
    assert 'Run "make drift" again in 15 minutes.' in printed.err
    assert "captured nothing in this window" in printed.out


def test_captures_that_have_arrived_are_not_announced(
    account: Account, make_drift: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run_executions(account, "")
    capture(account.client("s3"), BUCKET, ENDPOINT, pngs(range(40)), ago=timedelta())
    assert make_drift() == 0
    assert "not there yet" not in capsys.readouterr().err
