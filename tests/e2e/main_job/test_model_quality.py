"""The gate, the registry and the way back: one model is live, and another misses its gate."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from checkouts import ENDPOINT, Checkout


@pytest.fixture(scope="module")
def first(checkout: Checkout, main_job: str) -> dict[str, Any]:
    """The model that is live to begin with."""
    return checkout.handover()


@pytest.fixture(scope="module")
def former_settings(checkout: Checkout) -> str:
    return checkout.settings.read_text()


@pytest.fixture(scope="module")
def held_back(checkout: Checkout, first: dict[str, Any], former_settings: str) -> str:
    """What the verb prints about a second model, whose gate no model passes."""
    checkout.change_settings("quality_gate = {}", "quality_gate = { minimum_accuracy = 1 }")
    checkout.change_settings(r"training = \{", "training = {\n  seed = 1")
    done = checkout.make("train", "SOURCE=sample", expect=1)
    return done.stdout + done.stderr


def served(checkout: Checkout) -> str:
    """Name of the endpoint's configuration, which begins with its model's."""
    endpoint = checkout.endpoint()
    assert endpoint["EndpointStatus"] == "InService"
    return str(endpoint["EndpointConfigName"])


def listed(checkout: Checkout) -> dict[str, str]:
    """The lines of `make models` by the model's name."""
    lines = checkout.make("-s", "models").stdout.splitlines()[1:]
    return {line.split()[1]: line for line in lines}


def test_a_report_rates_the_model(checkout: Checkout, first: dict[str, Any]) -> None:
    page = (checkout.folder / "build" / "local" / "training-report.html").read_text()
    assert first["name"] in page
    assert f"{first['metrics']['test_images']:g}" in page
    bucket, _, key = first["data_url"].removeprefix("s3://").partition("/")
    folder = key.rpartition("/")[0]
    objects = checkout.client("s3").list_objects_v2(Bucket=bucket, Prefix=folder)["Contents"]
    names = {entry["Key"].rpartition("/")[2] for entry in objects}
    assert names >= {
        "model.tar.gz",
        "metrics.json",
        "predictions.json",
        "contact-sheet.png",
        "training-report.html",
    }


def test_a_model_that_misses_its_gate_is_not_handed_over(
    checkout: Checkout, first: dict[str, Any], held_back: str
) -> None:
    missed = r"misses the quality gate: test accuracy \S+ is below minimum_accuracy 1"
    assert re.search(missed, held_back)
    assert "Traceback" not in held_back
    assert checkout.handover() == first
    assert served(checkout).startswith(first["name"])


def test_it_is_compared_with_the_live_model_and_registered_as_rejected(
    checkout: Checkout, first: dict[str, Any], held_back: str
) -> None:
    assert f"that the live model, {first['name']}, answered too" in held_back
    lines = listed(checkout)
    first_line = lines.pop(first["name"])
    assert "Approved" in first_line
    assert first_line.endswith("live")
    [second_line] = lines.values()
    assert "Rejected" in second_line


def test_asked_again_it_is_judged_again_without_another_job(
    checkout: Checkout, held_back: str
) -> None:
    before = checkout.training_jobs()
    checkout.make("train", expect=1)
    assert checkout.training_jobs() == before


def test_by_force_it_is_handed_over_and_takes_over_in_place(
    checkout: Checkout, first: dict[str, Any], held_back: str
) -> None:
    before = checkout.endpoint()
    checkout.make("train", "FORCE=1")
    forced = checkout.handover()
    assert forced["name"] != first["name"]
    assert forced["name"] in listed(checkout)
    assert (forced["gate"]["passed"], forced["gate"]["forced"]) == (False, True)
    assert forced["comparison"]["live"] == first["name"]
    assert forced["comparison"]["images"] == forced["metrics"]["test_images"]
    plan = " ".join(checkout.make("plan").stdout.split())
    assert "missed its quality gate" in plan
    assert "by force" in plan
    assert "aws_sagemaker_endpoint.this will be updated in-place" in plan
    # Model and configuration in pairs; the drift schedule names the model, too.
    assert "Plan: 2 to add, 2 to change, 2 to destroy." in plan
    assert "saved plan" in checkout.make("apply").stderr
    assert served(checkout).startswith(forced["name"])
    after = checkout.endpoint()
    assert after["CreationTime"] == before["CreationTime"]
    assert after["EndpointConfigName"] != before["EndpointConfigName"]
    configurations = checkout.client("sagemaker").list_endpoint_configs()["EndpointConfigs"]
    assert [item["EndpointConfigName"] for item in configurations] == [after["EndpointConfigName"]]


def test_promoting_the_first_model_is_the_way_back(
    checkout: Checkout, first: dict[str, Any], held_back: str, former_settings: str
) -> None:
    checkout.settings.write_text(former_settings)
    checkout.make("promote", f"MODEL={first['name']}")
    assert checkout.handover()["name"] == first["name"]
    assert f'"{first["name"]}"' in checkout.make("plan").stdout
    checkout.make("apply")
    assert served(checkout).startswith(first["name"])
    assert listed(checkout)[first["name"]].endswith("live")


def test_a_rejected_or_unknown_model_is_not_promoted(checkout: Checkout, held_back: str) -> None:
    before = checkout.handover()
    assert "make models" in checkout.make("promote", "MODEL=nobody", expect=1).stderr
    assert "make models" in checkout.make("promote", expect=1).stderr
    assert checkout.handover() == before


def test_a_model_that_does_not_load_leaves_the_old_one_serving(
    checkout: Checkout, first: dict[str, Any]
) -> None:
    before = checkout.endpoint()
    checkout.hand_over_broken_model()
    complaint = checkout.make("apply", expect=1).stderr
    said = " ".join(complaint.split())
    assert f"still serves {before['EndpointConfigName']}" in said
    assert f"log group /aws/sagemaker/Endpoints/{ENDPOINT}" in said
    assert "these weights fit no network" in said
    assert f'"make promote MODEL={first["name"]}"' in said
    assert "Traceback" not in said
    assert served(checkout) == before["EndpointConfigName"]
    checkout.client("sagemaker").describe_endpoint_config(
        EndpointConfigName=before["EndpointConfigName"]
    )
    bicycle = min(checkout.handover()["probes"])
    image = f"IMAGE=s3://{checkout.outputs()['data_bucket']}/{bicycle}"
    answer = json.loads(checkout.make("-s", "classify", image).stdout)
    assert (answer["model"], answer["classes"]) == (first["name"], ["bicycle", "motorcycle"])
    assert answer["label"] in answer["classes"], "not a class of the model that was to be served"


def test_promoting_the_served_model_removes_what_the_failed_apply_left(
    checkout: Checkout, first: dict[str, Any]
) -> None:
    advice = " ".join(checkout.make("plan").stderr.split())
    assert "The endpoint did not start scones-local-broken in the last apply." in advice
    assert f'"make promote MODEL={first["name"]}" plans the model again' in advice
    assert "It is live already" in checkout.make("promote", f"MODEL={first['name']}").stderr
    plan = " ".join(checkout.make("plan").stdout.split())
    assert "aws_sagemaker_endpoint.this will be updated" not in plan
    assert "aws_cloudwatch_dashboard.workflow will be updated" in plan, "it charts the classes"
    assert re.search(r"Plan: 0 to add, [1-9] to change, 2 to destroy\.", plan)
    checkout.make("apply")
    assert served(checkout).startswith(first["name"])
    assert "No changes" in checkout.make("apply").stdout
