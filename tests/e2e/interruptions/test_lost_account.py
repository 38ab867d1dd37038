"""An account that is lost while a verb uses it, and a killed destroy."""

from __future__ import annotations

import os
import re
import signal

import pytest
from checkouts import Checkout, read_until


@pytest.fixture(scope="module", autouse=True)
def served(checkout: Checkout) -> None:
    """A model is served, whether or not the other modules have run."""
    if not checkout.is_handed_over():
        checkout.make("stage", "train", "apply")


def test_after_the_local_aws_was_killed_the_next_verb_starts_clean(checkout: Checkout) -> None:
    process = checkout.start("train", "RETRAIN=1")
    read_until(process, "epoch")
    os.kill(server(checkout), signal.SIGKILL)
    output, _ = process.communicate(timeout=300)
    assert process.returncode != 0
    assert "Traceback" not in output
    assert "gone" in checkout.make("stage").stderr
    result = checkout.make("apply").stdout
    assert "no endpoint" in result, "the model of the former account is not served"
    account = Checkout(checkout.folder)  # at another address
    assert account.client("sagemaker").list_endpoints()["Endpoints"] == []
    assert account.outputs()["state_machine_arn"]


def test_a_killed_destroy_finishes_when_run_again(checkout: Checkout) -> None:
    checkout.interrupt("destroy", at="Destroying...")
    assert "nothing left" in checkout.make("destroy").stdout.lower()
    account = Checkout(checkout.folder)
    assert account.client("s3").list_buckets()["Buckets"] == []


def server(checkout: Checkout) -> int:
    """Process id of the local AWS."""
    status = checkout.make("local-status").stdout
    match = re.search(r"process (\d+)", status)
    assert match
    return int(match[1])
