"""The training jobs of an account: start one, describe one, find those with the same inputs.

The only module that imports the SageMaker Python SDK.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from scones.aws import call_or_none, call_when_ready, error_code
from scones.clients import SageMakerClient, TrainingJobStatusType
from scones.json_object import JsonObject

if TYPE_CHECKING:
    import boto3

# The code for a missing job differs between regions' API versions; the message does not matter.
UNKNOWN = {"ResourceNotFound", "ValidationException"}
ENDED = {"Completed", "Failed", "Stopped"}

SDK_SETTINGS = """\
# Written by "make train": the SDK sends no telemetry and takes no defaults from this machine.
SchemaVersion: "1.0"
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
"""
# The SDK merges both files into every request; each has its own default path outside this project.
SDK_SETTINGS_VARIABLES = ("SAGEMAKER_ADMIN_CONFIG_OVERRIDE", "SAGEMAKER_USER_CONFIG_OVERRIDE")
# The keys of these maps are the user's own words, not the API's.
FREE_MAPS = {"Environment", "HyperParameters"}


def start(
    request: JsonObject,
    session: boto3.session.Session,
    build: Path,
) -> None:
    """Create the training job of a CreateTrainingJob `request`.

    The SDK's settings are written to the folder `build`. An existing job of that name is left as it
    is: an earlier attempt of the same call created it. A role that SageMaker cannot assume is tried
    again for two minutes: it may just have been created.

    Raises:
        ClientError: AWS refuses the request.
    """
    settings = build / "sagemaker.yaml"
    settings.write_text(SDK_SETTINGS)
    os.environ.update(dict.fromkeys(SDK_SETTINGS_VARIABLES, str(settings)))
    with warnings.catch_warnings():
        # Python 3.12 and newer warn about docstrings of the SDK.
        warnings.simplefilter("ignore", SyntaxWarning)
        # Imported here, as it takes longer than all the rest of a verb that starts no job.
        from sagemaker.core.resources import TrainingJob

    arguments = _snake_case(request)
    try:
        call_when_ready(
            lambda: TrainingJob.create(**arguments, session=session, region=session.region_name),
            is_role_refused,
            f"SageMaker cannot assume {request['RoleArn']} yet: trying for up to two minutes.",
        )
    except ClientError as error:
        if error_code(error) != "ResourceInUse":
            raise


def is_role_refused(error: ClientError) -> bool:
    """Whether SageMaker cannot assume the role of a request.

    The code is ValidationException, which stands for much else.
    """
    return "could not assume role" in error.response["Error"].get("Message", "").lower()


def describe(sagemaker: SageMakerClient, name: str) -> JsonObject | None:
    """The response of DescribeTrainingJob; None when the account has no such job."""
    return call_or_none(lambda: sagemaker.describe_training_job(TrainingJobName=name), UNKNOWN)


def find_names(sagemaker: SageMakerClient, prefix: str, status: TrainingJobStatusType) -> list[str]:
    """Names of the jobs in `status` that begin with `prefix`, newest first.

    Names end with the time.
    """
    pages = sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains=prefix,
        StatusEquals=status,
    )
    names = [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]
    return sorted((name for name in names if name.startswith(prefix)), reverse=True)


def duration(job: JsonObject) -> str:
    """How long a job took from its creation to its end, such as "61 s, billable 58 s"."""
    end = job.get("TrainingEndTime") or job["LastModifiedTime"]
    elapsed = f"{(end - job['CreationTime']).total_seconds():.0f} s"
    billable = job.get("BillableTimeInSeconds")
    return elapsed if billable is None else f"{elapsed}, billable {billable:.0f} s"


def _snake_case(value: Any) -> Any:
    """The API's `value` with the SDK's spelling of the keys, at every depth."""
    from sagemaker.core.utils.utils import pascal_to_snake

    if isinstance(value, list):
        return [_snake_case(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        pascal_to_snake(key): item if key in FREE_MAPS else _snake_case(item)
        for key, item in value.items()
    }
