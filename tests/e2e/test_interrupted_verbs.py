"""A verb that is killed, or whose account vanishes, and then the same verb again."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from checkouts import Checkout, kill

# Much is made by then, and nothing of it is in Terraform's state yet.
UNRECORDED = "Still creating..."

# Where in its work each verb is killed: when this has been said, or after so many seconds.
MOMENTS: list[tuple[tuple[str, ...], str | float]] = [
    (("stage",), UNRECORDED),
    (("stage",), "Uploading"),
    (("train",), r"epoch"),
    (("plan",), 4.0),
    (("apply",), "Creating..."),
    (("classify", "IMAGE={picture}"), 2.0),
    (("evaluate",), 4.0),
]


@pytest.fixture(scope="module")
def prepared(checkout: Checkout) -> Checkout:
    checkout.train_briefly(12)
    return checkout


@pytest.mark.parametrize(
    ("words", "moment"), MOMENTS, ids=lambda value: value[0] if isinstance(value, tuple) else None
)
def test_a_killed_verb_can_be_run_again(
    prepared: Checkout, words: tuple[str, ...], moment: str | float
) -> None:
    picture = f"s3://{prepared.outputs()['data_bucket']}/test/" if words[0] == "classify" else ""
    if picture:
        bucket = picture.split("/")[2]
        listed = prepared.client("s3").list_objects_v2(Bucket=bucket, Prefix="test/", MaxKeys=1)[
            "Contents"
        ]
        picture = f"s3://{bucket}/{listed[0]['Key']}"
    verb = [word.format(picture=picture) for word in words]
    interrupt(prepared, verb, moment)
    again = prepared.make(*verb)
    if moment == UNRECORDED:
        assert "taking over" in again.stderr


def interrupt(checkout: Checkout, words: list[str], moment: str | float) -> None:
    """Start a verb and kill it at its moment; a verb that ends before it is none the worse."""
    process = checkout.start(*words)
    if isinstance(moment, float):
        time.sleep(moment)
    else:
        assert process.stdout is not None
        for line in process.stdout:
            if re.search(moment, line):
                break
    kill(process)


def test_a_job_that_was_followed_when_its_verb_was_killed_is_taken_up_again(
    prepared: Checkout,
) -> None:
    process = prepared.start("train", "RETRAIN=1")
    jobs = prepared.client("sagemaker")
    wait_until(lambda: count_jobs(jobs) == 2)
    kill(process)
    prepared.make("train")
    assert count_jobs(jobs) == 2


def count_jobs(sagemaker: Any) -> int:
    return len(sagemaker.list_training_jobs()["TrainingJobSummaries"])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.1)


def test_after_the_local_aws_was_killed_the_next_verb_starts_clean(prepared: Checkout) -> None:
    prepared.make("apply")
    process = prepared.start("train", "RETRAIN=1")
    assert process.stdout is not None
    for line in process.stdout:
        if "epoch" in line:
            break
    os.kill(server(prepared), signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "Traceback" not in said
    again = prepared.make("stage")
    assert "gone" in again.stderr
    assert "no endpoint" in prepared.make("apply").stdout, (
        "the model of the former account is not served"
    )


def test_a_killed_destroy_finishes_when_run_again(prepared: Checkout) -> None:
    prepared.make("stage")
    interrupt(prepared, ["destroy"], "Destroying...")
    assert "nothing left" in prepared.make("destroy").stdout.lower()
    assert prepared.client("s3").list_buckets()["Buckets"] == []


def server(checkout: Checkout) -> int:
    found = re.search(
        r"\bpid (\d+)|process (\d+)", checkout.make("local-status").stdout, re.IGNORECASE
    )
    assert found
    return int(found[1] or found[2])
