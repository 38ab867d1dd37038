"""The gate, the registry and the way back, told in order: one model is live, and another misses its gate."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from checkouts import Checkout

EPOCHS = 4


@pytest.fixture(scope="module")
def first(checkout: Checkout) -> dict[str, Any]:
    """The model that is live to begin with."""
    checkout.train_briefly(EPOCHS)
    checkout.make("stage", "train", "apply")
    return handover(checkout)


@pytest.fixture(scope="module")
def held_back(checkout: Checkout, first: dict[str, Any]) -> str:
    """What the verb says of a second model, whose gate nothing passes."""
    settings = checkout.folder / "terraform" / "targets" / "local.tfvars"
    content = settings.read_text().replace(
        "quality_gate = {}", "quality_gate = { minimum_accuracy = 1 }"
    )
    settings.write_text(content.replace("training = {", "training = {\n  seed = 1", 1))
    done = checkout.make("train", "SOURCE=sample", expect=1)
    return done.stdout + done.stderr


def handover(checkout: Checkout) -> dict[str, Any]:
    return dict(
        json.loads((checkout.folder / "build" / "local" / "model.tfvars.json").read_text())["model"]
    )


def served(checkout: Checkout) -> str:
    """Name of the endpoint's configuration, which begins with its model's."""
    endpoint = checkout.client("sagemaker").describe_endpoint(
        EndpointName="scones-local-classifier"
    )
    assert endpoint["EndpointStatus"] == "InService"
    return str(endpoint["EndpointConfigName"])


def listed(checkout: Checkout) -> dict[str, str]:
    """The lines of `make models` by the model's name."""
    lines = checkout.make("-s", "models").stdout.splitlines()[1:]
    return {line.split()[1]: line for line in lines}


def second(checkout: Checkout, first: dict[str, Any]) -> str:
    (name,) = set(listed(checkout)) - {first["name"]}
    return name


def test_a_report_says_what_the_model_is_worth(checkout: Checkout, first: dict[str, Any]) -> None:
    page = (checkout.folder / "build" / "local" / "training-report.html").read_text()
    assert first["name"] in page
    assert f"{first['metrics']['test_images']:g}" in page
    bucket, _, key = first["data_url"].removeprefix("s3://").partition("/")
    beside = checkout.client("s3").list_objects_v2(Bucket=bucket, Prefix=key.rpartition("/")[0])[
        "Contents"
    ]
    names = {entry["Key"].rpartition("/")[2] for entry in beside}
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
    assert re.search(
        r"missed its quality gate: test accuracy \S+ is below minimum_accuracy 1", held_back
    )
    assert "Traceback" not in held_back
    assert handover(checkout) == first
    assert served(checkout).startswith(first["name"])


def test_it_is_compared_with_the_live_model_and_registered_as_rejected(
    checkout: Checkout, first: dict[str, Any], held_back: str
) -> None:
    assert f"that the live model, {first['name']}, answered too" in held_back
    lines = listed(checkout)
    assert "Approved" in lines[first["name"]]
    assert lines[first["name"]].endswith("live, handed over")
    assert "Rejected" in lines[second(checkout, first)]


def test_asked_again_it_is_judged_again_without_another_job(
    checkout: Checkout, first: dict[str, Any], held_back: str
) -> None:
    checkout.make("train", expect=1)
    assert len(checkout.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]) == 2


def test_by_force_it_is_handed_over_and_the_plan_says_so(
    checkout: Checkout, first: dict[str, Any], held_back: str
) -> None:
    checkout.make("train", "FORCE=1")
    forced = handover(checkout)
    assert forced["name"] == second(checkout, first)
    assert (forced["gate"]["passed"], forced["gate"]["forced"]) == (False, True)
    assert forced["comparison"]["live"] == first["name"]
    assert forced["comparison"]["images"] == forced["metrics"]["test_images"]
    plan = checkout.make("plan").stdout
    assert "missed its quality gate" in plan
    assert "by force" in plan
    checkout.make("apply")
    assert served(checkout).startswith(forced["name"])


def test_promoting_the_first_model_is_the_way_back(
    checkout: Checkout, first: dict[str, Any], held_back: str
) -> None:
    checkout.make("promote", f"MODEL={first['name']}")
    assert handover(checkout)["name"] == first["name"]
    assert f'"{first["name"]}"' in checkout.make("plan").stdout
    checkout.make("apply")
    assert served(checkout).startswith(first["name"])
    assert listed(checkout)[first["name"]].endswith("live, handed over")


def test_a_rejected_or_unknown_model_is_not_promoted(
    checkout: Checkout, first: dict[str, Any], held_back: str
) -> None:
    before = handover(checkout)
    assert "make models" in checkout.make("promote", "MODEL=nobody", expect=1).stderr
    assert "make models" in checkout.make("promote", expect=1).stderr
    assert handover(checkout) == before
