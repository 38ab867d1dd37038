"""The CreateTrainingJob request, for our own script and for SageMaker's built-in algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from container.job import GPU_FAMILIES
from container.settings import Settings
from scones.errors import UserError
from scones.json_object import JsonObject
from scones.outputs import Outputs

SCRIPT = "scones"
BUILTIN = "image-classification"
ALGORITHMS = (SCRIPT, BUILTIN)

IMAGES = "application/x-image"
IMAGE_SHAPE = "3,32,32"  # colours, height, width of every staged image

# Passes over drawn images where the settings name no number: docs/training.md has what they reach.
# Photographs get the training script's own default.
DRAWN_EPOCHS = 80


@dataclass(frozen=True)
class Channel:
    """Objects whose keys begin with `prefix`, copied to /opt/ml/input/data/<name>."""

    name: str
    prefix: str
    content_type: str


@dataclass(frozen=True)
class Recipe:
    """What a job learns from, and how. Terraform's outputs set where and how long it runs."""

    algorithm: str
    image_uri: str
    hyperparameters: Mapping[str, str]
    channels: tuple[Channel, ...]
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    metric_definitions: Mapping[str, str] = field(default_factory=dict)


def script_recipe(
    outputs: Outputs,
    source_prefix: str,
    drawn: bool = False,
    pretraining: bool = False,
) -> Recipe:
    """Our own script. Any container image with torch runs it: its source is a channel.

    `drawn` images need fewer epochs than photographs. With `pretraining`, images of other classes
    are staged as well.
    """
    # A prefix of "train" alone would bring train.lst too.
    channels = [
        Channel("code", source_prefix, "text/x-python"),
        Channel("train", "train/", IMAGES),
        Channel("validation", "validation/", IMAGES),
        Channel("test", "test/", IMAGES),
        Channel("manifest", "manifest.json", "application/json"),
    ]
    if pretraining:
        channels.append(Channel("pretraining", "pretraining/", "application/octet-stream"))
    return Recipe(
        algorithm=SCRIPT,
        image_uri=outputs.training.image_uri,
        hyperparameters={
            "epochs": str(DRAWN_EPOCHS if drawn else Settings.epochs),
            "seed": str(outputs.training.seed),
            **outputs.training.hyperparameters,
        },
        channels=tuple(channels),
        command=("python3", "-m", "container.train"),
        environment={"PYTHONPATH": "/opt/ml/input/data/code"},
        metric_definitions=outputs.training.metric_definitions,
    )


def builtin_recipe(outputs: Outputs, training_images: int) -> Recipe:
    """The built-in algorithm, which has its own entry point and metrics, and allows no others.

    Raises:
        UserError: the settings lack a threshold, which the algorithm does not measure, or a GPU.
    """
    settings = f"terraform/targets/{outputs.environment}.tfvars"
    instance_type = outputs.training.instance_type
    if outputs.training.threshold is None:
        raise UserError(
            f"The algorithm {BUILTIN} does not measure a confidence threshold. "
            f"Set confidence_threshold in {settings}."
        )
    if not instance_type.startswith(GPU_FAMILIES):
        raise UserError(
            f"The algorithm {BUILTIN} trains on GPUs only, and {instance_type} has none. "
            f'Set training.instance_type = "ml.g4dn.xlarge" in {settings}.'
        )
    return Recipe(
        algorithm=BUILTIN,
        image_uri=outputs.builtin.image_uri,
        hyperparameters={
            **outputs.builtin.hyperparameters,
            "image_shape": IMAGE_SHAPE,
            "num_classes": str(len(outputs.classes)),
            "num_training_samples": str(training_images),
        },
        channels=(
            Channel("train", "train/", IMAGES),
            Channel("validation", "validation/", IMAGES),
            Channel("train_lst", "train.lst", IMAGES),
            Channel("validation_lst", "validation.lst", IMAGES),
        ),
    )


def job_name_prefix(prefix: str, fingerprint: str) -> str:
    """The beginning of the name of every job with these inputs, by which such a job is found."""
    return f"{prefix}-{fingerprint[:8]}-"


def job_name(prefix: str, fingerprint: str, now: datetime) -> str:
    return f"{job_name_prefix(prefix, fingerprint)}{now:%Y%m%d-%H%M%S}"


def training_job_request(name: str, recipe: Recipe, outputs: Outputs) -> JsonObject:
    """The arguments of CreateTrainingJob, as the API spells them."""
    training, bucket = outputs.training, f"s3://{outputs.data_bucket}"
    algorithm: dict[str, Any] = {"TrainingImage": recipe.image_uri, "TrainingInputMode": "File"}
    if recipe.command:
        algorithm["ContainerEntrypoint"] = list(recipe.command)
    if recipe.metric_definitions:
        algorithm["MetricDefinitions"] = [
            {"Name": metric, "Regex": regex} for metric, regex in recipe.metric_definitions.items()
        ]
    stopping = {"MaxRuntimeInSeconds": training.max_run_seconds}
    if training.spot:
        stopping["MaxWaitTimeInSeconds"] = training.max_wait_seconds
    tags = {**outputs.tags, **training.tags}
    request = {
        "TrainingJobName": name,
        "RoleArn": training.role_arn,
        "AlgorithmSpecification": algorithm,
        "HyperParameters": dict(recipe.hyperparameters),
        "InputDataConfig": [_channel(channel, bucket) for channel in recipe.channels],
        "OutputDataConfig": {"S3OutputPath": f"{bucket}/models"},
        "CheckpointConfig": {"S3Uri": f"{bucket}/checkpoints/{name}"},
        "ResourceConfig": {
            "InstanceType": training.instance_type,
            "InstanceCount": training.instance_count,
            "VolumeSizeInGB": training.volume_gb,
        },
        "EnableManagedSpotTraining": training.spot,
        "StoppingCondition": stopping,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    if recipe.environment:
        request["Environment"] = dict(recipe.environment)
    return request


def _channel(channel: Channel, bucket: str) -> JsonObject:
    return {
        "ChannelName": channel.name,
        "ContentType": channel.content_type,
        "InputMode": "File",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3DataDistributionType": "FullyReplicated",
                "S3Uri": f"{bucket}/{channel.prefix}",
            }
        },
    }
