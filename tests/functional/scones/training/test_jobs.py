"""Starting a job through the SageMaker SDK, against moto in this process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import pytest
import yaml
from botocore.exceptions import ClientError
from paths import EXAMPLE_OUTPUTS
from refusals import Refusals

from scones.outputs import Outputs
from scones.training import jobs
from scones.training.request import (
    ALGORITHMS,
    Recipe,
    builtin_recipe,
    script_recipe,
    training_job_request,
)

OUTPUTS = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
RECIPES = [
    script_recipe(OUTPUTS, "code/0a1b2c3d/"),
    builtin_recipe(OUTPUTS, training_images=900),
]
NAME = "scones-local-0a1b2c3d-20261121-101500"
CREATE = "sagemaker.CreateTrainingJob"
ROLE_REFUSED = (
    "ValidationException",
    f"Could not assume role {OUTPUTS.training.role_arn}. Please ensure that the role exists",
)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the module sets in the environment ends with the test."""
    for name in jobs.SDK_SETTINGS_VARIABLES:
        monkeypatch.setenv(name, "/nowhere")


@pytest.mark.parametrize("recipe", RECIPES, ids=ALGORITHMS)
def test_the_sdk_sends_the_very_request(
    recipe: Recipe, aws: boto3.session.Session, tmp_path: Path
) -> None:
    sent: dict[str, Any] = {}
    aws.events.register(
        "provide-client-params.sagemaker.CreateTrainingJob", lambda params, **_: sent.update(params)
    )
    request = training_job_request(NAME, recipe, OUTPUTS)
    jobs.start(request, aws, tmp_path)
    assert sent == request


def test_a_job_that_an_earlier_attempt_created_is_left_as_it_is(
    aws: boto3.session.Session, tmp_path: Path
) -> None:
    Refusals(aws, CREATE, "ResourceInUse", "exists", count=1)
    jobs.start(training_job_request(NAME, RECIPES[0], OUTPUTS), aws, tmp_path)
    assert jobs.describe(aws.client("sagemaker"), NAME) is None


@pytest.mark.usefixtures("clock")
def test_a_role_that_sagemaker_cannot_assume_yet_is_tried_again(
    aws: boto3.session.Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusals = Refusals(aws, CREATE, *ROLE_REFUSED, count=3)
    jobs.start(training_job_request(NAME, RECIPES[0], OUTPUTS), aws, tmp_path)
    assert refusals.left == 0
    assert jobs.describe(aws.client("sagemaker"), NAME) is not None
    remark = f"cannot assume {OUTPUTS.training.role_arn} yet: trying for up to two minutes."
    assert " ".join(capsys.readouterr().err.split()).count(remark) == 1


@pytest.mark.usefixtures("clock")
def test_a_role_that_sagemaker_cannot_assume_at_all_is_refused(
    aws: boto3.session.Session, tmp_path: Path
) -> None:
    Refusals(aws, CREATE, *ROLE_REFUSED, count=99)
    with pytest.raises(ClientError, match="Could not assume role"):
        jobs.start(training_job_request(NAME, RECIPES[0], OUTPUTS), aws, tmp_path)


def test_another_refusal_is_not_tried_again(aws: boto3.session.Session, tmp_path: Path) -> None:
    refusals = Refusals(aws, CREATE, "ValidationException", "1 validation error", count=2)
    with pytest.raises(ClientError, match="validation error"):
        jobs.start(training_job_request(NAME, RECIPES[0], OUTPUTS), aws, tmp_path)
    assert refusals.left == 1


def test_the_sdk_sends_no_telemetry_and_takes_no_defaults_from_this_machine(
    aws: boto3.session.Session, tmp_path: Path
) -> None:
    # Importing the SDK takes seconds.
    from sagemaker.core.config.config_manager import SageMakerConfig
    from sagemaker.core.config.config_schema import SAGEMAKER_PYTHON_SDK_CONFIG_SCHEMA

    jobs.start(training_job_request(NAME, RECIPES[0], OUTPUTS), aws, tmp_path)
    assert {os.environ[name] for name in jobs.SDK_SETTINGS_VARIABLES} == {
        str(tmp_path / "sagemaker.yaml")
    }
    jsonschema.validate(
        yaml.safe_load((tmp_path / "sagemaker.yaml").read_text()),
        SAGEMAKER_PYTHON_SDK_CONFIG_SCHEMA,
    )
    loaded = SageMakerConfig().load_sagemaker_config()
    assert loaded["SageMaker"] == {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}


def test_jobs_are_found_by_the_prefix_of_their_name_newest_first(
    aws: boto3.session.Session, tmp_path: Path
) -> None:
    for name in (f"{NAME[:-6]}101500", f"{NAME[:-6]}101700", f"{NAME[:-6]}101600", "other-" + NAME):
        jobs.start(training_job_request(name, RECIPES[0], OUTPUTS), aws, tmp_path)
    found = jobs.find_names(aws.client("sagemaker"), "scones-local-0a1b2c3d-", "Completed")
    assert found == [f"{NAME[:-6]}101700", f"{NAME[:-6]}101600", f"{NAME[:-6]}101500"]


def test_an_unknown_job_is_none(aws: boto3.session.Session) -> None:
    assert jobs.describe(aws.client("sagemaker"), "never-started") is None
