"""Starts a training job through the SageMaker Python SDK; the only module that imports it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

SETTINGS = """\
# Written by "make train": the SDK reports nothing home, and takes no defaults from anybody's machine.
SchemaVersion: "1.0"
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
"""
# The SDK merges both files into every request; each has its own default place outside this project.
SETTINGS_PLACES = ("SAGEMAKER_ADMIN_CONFIG_OVERRIDE", "SAGEMAKER_USER_CONFIG_OVERRIDE")
# Their keys are the user's own words, not the API's.
FREE_MAPS = {"Environment", "HyperParameters"}


def start(request: Mapping[str, Any], session: boto3.session.Session, build: Path) -> None:
    """Create the training job of a CreateTrainingJob `request`; the SDK's settings are written to `build`.

    A job of that name that is there already is left as it is: a repeated attempt of the same call made it.

    Raises:
        ClientError: AWS refuses the request.
    """
    settings = build / "sagemaker.yaml"
    settings.write_text(SETTINGS)
    os.environ.update(dict.fromkeys(SETTINGS_PLACES, str(settings)))
    # Imported here, as it takes longer than all the rest of a verb that starts no job.
    from sagemaker.core.resources import TrainingJob
    from sagemaker.core.utils.utils import pascal_to_snake

    def snake(value: Any) -> Any:
        if isinstance(value, list):
            return [snake(item) for item in value]
        if isinstance(value, dict):
            return {
                pascal_to_snake(key): item if key in FREE_MAPS else snake(item)
                for key, item in value.items()
            }
        return value

    try:
        TrainingJob.create(**snake(dict(request)), session=session, region=session.region_name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUse":
            raise
