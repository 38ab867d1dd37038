"""An account that is lost while a verb uses it."""

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
    applied = checkout.make("apply")
    assert "a new, empty one has started" in applied.stderr
    assert "no endpoint" in applied.stdout, "the model of the former account is not served"
    new = Checkout(checkout.folder)  # at another address
    assert new.client("sagemaker").list_endpoints()["Endpoints"] == []
    assert new.outputs()["state_machine_arn"]


def server(checkout: Checkout) -> int:
    """Process id of the local AWS."""
    status = checkout.make("local-status").stdout
    match = re.search(r"process (\d+)", status)
    assert match
    return int(match[1])
