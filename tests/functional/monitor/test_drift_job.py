"""The scheduled drift measurement as SageMaker runs it: `python3 monitor.zip`, nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from accounts import Account, stock
from captured_traffic import artifact, capture, metrics, packed, pngs

from scones.provisioning import packaging

BUCKET, ENDPOINT, NAMESPACE = "data", "scones-local-classifier", "Scones/local"


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with stock() as server:
        yield server


@pytest.fixture
def s3(account: Account) -> Iterator[Any]:
    """A bucket that is empty again after each test."""
    client = account.client("s3")
    client.create_bucket(Bucket=BUCKET)
    yield client
    for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=entry["Key"])


@pytest.fixture
def run(account: Account, tmp_path: Path) -> Any:
    """Runs the job on a model.tar.gz of these files; returns what it printed."""
    zipped = tmp_path / packaging.MONITOR
    zipped.write_bytes(packaging.zip_files(packaging.monitor_files(packaging.ROOT / "python")))

    def start(files: dict[str, bytes] | None = None, *flags: str, expect: int = 0) -> str:
        model = packed(artifact(tmp_path) if files is None else files, tmp_path / "model.tar.gz")
        options = {"bucket": BUCKET, "endpoint": ENDPOINT, "namespace": NAMESPACE, "model": model}
        given = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": account.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(
            [sys.executable, "-P", str(zipped), *given, *flags],
            env=environment,
            cwd=tmp_path,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
        )
        assert done.returncode == expect, done.stdout
        return done.stdout

    return start


def results(s3: Any) -> list[dict[str, Any]]:
    entries = s3.list_objects_v2(Bucket=BUCKET, Prefix="drift/").get("Contents", [])
    return [
        json.loads(s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read())
        for entry in entries
    ]


def test_dark_images_are_drift_and_do_not_fail_the_job(account: Account, s3: Any, run: Any) -> None:
    capture(s3, BUCKET, ENDPOINT, pngs(range(100, 150)), ago=timedelta(hours=3))
    capture(s3, BUCKET, ENDPOINT, pngs(range(40), light=0.3))
    capture(s3, BUCKET, "another", pngs(range(60, 100)), ago=timedelta(minutes=1))
    printed = run(None, "--images", "40", "--alpha", "0.01")
    assert "40 distinct images from 40 records" in printed
    assert "Images are darker: mean brightness" in printed
    [result] = results(s3)
    assert (result["drifted"], result["images"], result["alpha"]) == (True, 40, 0.01)
    assert result["endpoint"] == ENDPOINT
    assert result["model"].startswith("sha256:")
    put = metrics(account.client("cloudwatch"), NAMESPACE)
    assert put == {"Drifted": 1, "DriftPValue": pytest.approx(result["p_value"]), "DriftImages": 40}


def test_too_few_images_are_reported_without_a_metric(account: Account, s3: Any, run: Any) -> None:
    before = metrics(account.client("cloudwatch"), NAMESPACE)
    capture(s3, BUCKET, ENDPOINT, pngs(range(40)), ago=timedelta(hours=30))
    printed = run(None)
    assert "No verdict: 0 distinct images; at least 30 are needed." in printed
    assert "No metric was put" in printed
    assert [result["drifted"] for result in results(s3)] == [None]
    assert metrics(account.client("cloudwatch"), NAMESPACE) == before


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        (
            "baseline.npz",
            'The model has no baseline.npz: an older training wrote it. Train again: "make train',
        ),
        ("model.pt", "drift is not measured for the built-in algorithm's models"),
    ],
)
def test_a_model_without_a_baseline_is_one_sentence(
    s3: Any, run: Any, tmp_path: Path, left_out: str, sentence: str
) -> None:
    files = {name: content for name, content in artifact(tmp_path).items() if name != left_out}
    printed = run(files, expect=1)
    assert printed.startswith("Error: ")
    assert sentence in printed
    assert "Traceback" not in printed
    assert results(s3) == []


def test_an_unreadable_time_is_one_sentence(s3: Any, run: Any) -> None:
    assert 'Error: "yesterday" is not a time' in run(None, "--since", "yesterday", expect=1)
