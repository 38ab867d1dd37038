"""Verbs that are killed on the way from nothing to an endpoint, each run again."""

from __future__ import annotations

import re
from pathlib import Path

from checkouts import Checkout
from PIL import Image

# Terraform has made a lot by then, and nothing of it is in its state yet.
UNRECORDED = r"Still creating\.\.\."


def test_a_killed_stage_finishes_when_run_again(checkout: Checkout) -> None:
    checkout.interrupt("stage", at=checkout.logged(UNRECORDED))
    output = checkout.interrupt("stage", at=checkout.has_images)
    assert "taking over" in output
    # Nothing is staged before the manifest is, which comes last.
    complaint = checkout.make("train", expect=1).stderr
    assert "make stage" in complaint
    assert "Traceback" not in complaint
    checkout.make("stage")


def test_classify_without_a_model_names_the_missing_steps(
    checkout: Checkout, tmp_path: Path
) -> None:
    image = tmp_path / "any.png"
    Image.new("RGB", (32, 32)).save(image)
    complaint = checkout.make("-s", "classify", f"IMAGE={image}", expect=1).stderr
    assert "make train apply" in complaint


def test_apply_before_train_provisions_everything_but_the_endpoint(checkout: Checkout) -> None:
    assert "no endpoint" in checkout.make("apply").stdout
    assert checkout.client("sagemaker").list_endpoints()["Endpoints"] == []
    assert checkout.outputs()["state_machine_arn"]


def test_the_job_of_a_killed_train_is_followed_when_it_is_run_again(checkout: Checkout) -> None:
    checkout.interrupt("train", at="epoch")
    checkout.make("train")
    assert len(checkout.training_jobs()) == 1


def test_a_killed_plan_can_be_run_again(checkout: Checkout) -> None:
    running = checkout.folder / "build" / "local" / "terraform.running"
    checkout.interrupt("plan", at=running.exists)
    checkout.make("plan")


def test_a_first_endpoint_that_fails_is_replaced_by_the_next_apply(checkout: Checkout) -> None:
    good = checkout.handover()
    checkout.hand_over_broken_model()
    complaint = " ".join(checkout.make("apply", expect=1).stderr.split())
    assert "is Failed" in complaint
    assert "these weights fit no network" in complaint
    assert "Traceback" not in complaint
    checkout.hand_over(good)
    plan = checkout.make("plan").stdout
    assert re.search(
        r"aws_sagemaker_endpoint\.this (is tainted, so )?(must|will) be replaced", plan
    )


def test_a_killed_apply_can_be_run_again_also_if_the_account_was_killed_with_it(
    checkout: Checkout,
) -> None:
    checkout.interrupt("apply", at=checkout.logged(r"Creating\.\.\."))
    checkout.kill_account()
    checkout.make("apply")
    assert checkout.endpoint()["EndpointStatus"] == "InService"
