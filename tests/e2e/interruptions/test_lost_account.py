"""A local AWS that is killed while a verb uses it: the next verb finds the account as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from checkouts import Checkout, read_until
from eventually import eventually
from PIL import Image

LABEL = {"label": "bicycle", "sha256": "0a"}


@pytest.fixture(scope="module", autouse=True)
def served(checkout: Checkout) -> None:
    """A model is served, whether or not the other modules have run; one killed the container."""
    if checkout.is_handed_over():
        assert "the next verb restores it" in checkout.make("local-stop").stdout
        checkout.make("models")
    else:
        checkout.make("stage", "train", "apply")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    file = tmp_path / "any.png"
    Image.radial_gradient("L").resize((48, 32)).save(file)
    return file


def test_after_a_kill_the_same_model_answers_without_a_new_job(
    checkout: Checkout, image: Path
) -> None:
    earlier = holdings(checkout)["captures"]
    first = json.loads(checkout.make("-s", "classify", f"IMAGE={image}").stdout)
    put_label(checkout)
    eventually(lambda: len(holdings(checkout)["captures"] - earlier) == 1)
    before = holdings(checkout)
    process = checkout.start("train", "RETRAIN=1")
    read_until(process, "epoch")
    checkout.kill_account()
    output, _ = process.communicate(timeout=300)
    assert process.returncode != 0
    assert "Traceback" not in output

    classified = checkout.make("-s", "classify", f"IMAGE={image}")
    assert "The former local AWS was killed; a new one has started." in classified.stderr
    second = json.loads(classified.stdout)
    assert second["inferences"] == first["inferences"]

    eventually(lambda: len(holdings(checkout)["captures"] - before["captures"]) == 1)
    after = holdings(checkout)
    (interrupted,) = after.pop("jobs").items() - before.pop("jobs").items()
    assert interrupted[1] == "Failed"
    assert before["captures"] <= after["captures"]
    assert after["labels"] == before["labels"] == {"reviewed/0a.json": LABEL}
    assert after["waiting for review"] == before["waiting for review"] + 1


def test_terraform_finds_everything_as_it_left_it(checkout: Checkout) -> None:
    assert "No changes, with model" in checkout.make("plan").stdout


def put_label(checkout: Checkout) -> None:
    checkout.client("s3").put_object(
        Bucket=checkout.outputs()["data_bucket"],
        Key="reviewed/0a.json",
        Body=json.dumps(LABEL).encode(),
    )


def holdings(checkout: Checkout) -> dict[str, Any]:
    """What a restart must not lose."""
    outputs = checkout.outputs()
    s3, sqs = checkout.client("s3"), checkout.client("sqs")
    sagemaker = checkout.client("sagemaker")

    def keys(prefix: str) -> set[str]:
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=outputs["data_bucket"], Prefix=prefix
        )
        return {item["Key"] for page in pages for item in page.get("Contents", [])}

    def read(key: str) -> Any:
        return json.load(s3.get_object(Bucket=outputs["data_bucket"], Key=key)["Body"])

    waiting = sqs.get_queue_attributes(
        QueueUrl=outputs["queues"]["review"], AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]
    jobs = sagemaker.get_paginator("list_training_jobs").paginate()
    return {
        "captures": keys("data-capture/"),
        "labels": {key: read(key) for key in keys("reviewed/")},
        "waiting for review": int(waiting["ApproximateNumberOfMessages"]),
        "jobs": {
            job["TrainingJobName"]: job["TrainingJobStatus"]
            for page in jobs
            for job in page["TrainingJobSummaries"]
        },
    }
