"""The requests for a training job, held against the API's own model."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from paths import EXAMPLE_OUTPUTS

from container.settings import parse
from scones.errors import UserError
from scones.outputs import Outputs
from scones.training.request import (
    ALGORITHMS,
    builtin_recipe,
    job_name,
    job_name_prefix,
    script_recipe,
    training_job_request,
)

OUTPUTS = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
BUCKET = "s3://scones-local-data-123456789012"
NAME = "scones-local-0a1b2c3d-20261121-101500"


def script(outputs: Outputs = OUTPUTS) -> dict[str, Any]:
    return training_job_request(NAME, script_recipe(outputs, "code/0a1b2c3d/"), outputs)


def builtin(outputs: Outputs = OUTPUTS) -> dict[str, Any]:
    return training_job_request(NAME, builtin_recipe(outputs, training_images=900), outputs)


def channels(request: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Where each channel comes from, and its content type."""
    return {
        channel["ChannelName"]: (
            channel["DataSource"]["S3DataSource"]["S3Uri"],
            channel["ContentType"],
        )
        for channel in request["InputDataConfig"]
    }


@pytest.mark.parametrize("request_", [script(), builtin()], ids=ALGORITHMS)
def test_the_request_is_valid_by_the_apis_model(request_: dict[str, Any]) -> None:
    operation = (
        botocore.session.get_session()
        .get_service_model("sagemaker")
        .operation_model("CreateTrainingJob")
    )
    assert ParamValidator().validate(request_, operation.input_shape).generate_report() == ""


def test_our_script_gets_its_source_and_the_images_as_channels() -> None:
    assert channels(script()) == {
        "code": (f"{BUCKET}/code/0a1b2c3d/", "text/x-python"),
        "train": (f"{BUCKET}/train/", "application/x-image"),
        "validation": (f"{BUCKET}/validation/", "application/x-image"),
        "test": (f"{BUCKET}/test/", "application/x-image"),
        "manifest": (f"{BUCKET}/manifest.json", "application/json"),
    }


def test_our_script_starts_by_an_explicit_entry_point() -> None:
    request = script()
    assert request["AlgorithmSpecification"]["ContainerEntrypoint"] == [
        "python3",
        "-m",
        "container.train",
    ]
    assert request["Environment"] == {"PYTHONPATH": "/opt/ml/input/data/code"}


def test_our_script_gets_the_settings_threshold_and_precision_and_the_seed() -> None:
    assert script()["HyperParameters"] == {
        "seed": "7",
        "epochs": "1",
        "batch_size": "64",
        "learning_rate": "0.005",
        "weight_decay": "0.05",
        "threshold": "0.93",
        "target_precision": "0.99",
    }


def without(name: str) -> Outputs:
    """The outputs of settings that leave a hyperparameter out."""
    hyperparameters = {
        key: text for key, text in OUTPUTS.training.hyperparameters.items() if key != name
    }
    return replace(OUTPUTS, training=replace(OUTPUTS.training, hyperparameters=hyperparameters))


@pytest.mark.parametrize("drawn", [True, False])
def test_the_settings_epochs_count_for_drawn_images_too(drawn: bool) -> None:
    recipe = script_recipe(OUTPUTS, "code/0a1b2c3d/", drawn=drawn)
    assert recipe.hyperparameters["epochs"] == "1"


def test_without_epochs_in_the_settings_photographs_get_the_scripts_default() -> None:
    photographs = script_recipe(without("epochs"), "code/0a1b2c3d/")
    assert photographs.hyperparameters["epochs"] == str(parse({}).epochs)


def test_without_epochs_in_the_settings_drawn_images_get_fewer() -> None:
    drawn = script_recipe(without("epochs"), "code/0a1b2c3d/", drawn=True)
    assert 1 < int(drawn.hyperparameters["epochs"]) < parse({}).epochs


def test_without_a_threshold_in_the_settings_the_built_in_algorithm_is_refused() -> None:
    outputs = without("threshold")
    assert "threshold" not in script(outputs)["HyperParameters"]
    with pytest.raises(
        UserError, match=r"Set confidence_threshold in terraform/targets/local\.tfvars"
    ):
        builtin(outputs)


def test_without_a_gpu_the_built_in_algorithm_is_refused() -> None:
    outputs = replace(OUTPUTS, training=replace(OUTPUTS.training, instance_type="ml.m5.xlarge"))
    assert script(outputs)["ResourceConfig"]["InstanceType"] == "ml.m5.xlarge"
    with pytest.raises(
        UserError, match=r"GPUs only, and ml\.m5\.xlarge has none\. Set training\.instance_type"
    ):
        builtin(outputs)


def test_the_metrics_are_those_of_the_settings() -> None:
    definitions = script()["AlgorithmSpecification"]["MetricDefinitions"]
    assert definitions == [
        {"Name": "validation:accuracy", "Regex": "\\bvalidation_accuracy=([0-9.]+)"}
    ]


def test_the_built_in_algorithm_gets_its_four_channels() -> None:
    assert channels(builtin()) == {
        "train": (f"{BUCKET}/train/", "application/x-image"),
        "validation": (f"{BUCKET}/validation/", "application/x-image"),
        "train_lst": (f"{BUCKET}/train.lst", "application/x-image"),
        "validation_lst": (f"{BUCKET}/validation.lst", "application/x-image"),
    }


def test_the_built_in_algorithm_gets_the_counts_and_no_entry_point_or_metrics() -> None:
    request = builtin()
    assert request["AlgorithmSpecification"] == {
        "TrainingImage": "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1",
        "TrainingInputMode": "File",
    }
    assert request["HyperParameters"] == {
        "num_layers": "18",
        "epochs": "30",
        "mini_batch_size": "32",
        "image_shape": "3,32,32",
        "num_classes": "2",
        "num_training_samples": "900",
    }


@pytest.mark.parametrize("request_", [script(), builtin()], ids=ALGORITHMS)
def test_instances_limits_checkpoints_and_tags_come_from_the_settings(
    request_: dict[str, Any],
) -> None:
    assert request_["ResourceConfig"] == {
        "InstanceType": "ml.g4dn.xlarge",
        "InstanceCount": 1,
        "VolumeSizeInGB": 30,
    }
    assert request_["EnableManagedSpotTraining"] is True
    assert request_["StoppingCondition"] == {
        "MaxRuntimeInSeconds": 3600,
        "MaxWaitTimeInSeconds": 7200,
    }
    assert request_["CheckpointConfig"] == {"S3Uri": f"{BUCKET}/checkpoints/{NAME}"}
    assert request_["OutputDataConfig"] == {"S3OutputPath": f"{BUCKET}/models"}
    assert {tag["Key"]: tag["Value"] for tag in request_["Tags"]} == {
        "project": "scones",
        "environment": "local",
        "team": "logistics",
    }


def test_only_a_spot_job_has_a_limit_on_waiting() -> None:
    on_demand = replace(OUTPUTS, training=replace(OUTPUTS.training, spot=False))
    assert script(on_demand)["EnableManagedSpotTraining"] is False
    assert script(on_demand)["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}


def test_a_jobs_name_begins_with_the_fingerprint_of_its_inputs() -> None:
    name = job_name("scones-dev", "0a1b2c3d" + "f" * 56, datetime(2026, 11, 21, 10, 15, tzinfo=UTC))
    assert name == "scones-dev-0a1b2c3d-20261121-101500"
    assert name.startswith(job_name_prefix("scones-dev", "0a1b2c3d" + "f" * 56))
