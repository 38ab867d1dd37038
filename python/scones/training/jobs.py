"""Looks at the training jobs of an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

# The code for a job that is not there differs between regions' API versions; the message does not matter.
UNKNOWN = {"ResourceNotFound", "ValidationException"}
ENDED = {"Completed", "Failed", "Stopped"}


def describe(sagemaker: Any, name: str) -> Mapping[str, Any] | None:
    """DescribeTrainingJob's answer; None when the account has no such job."""
    try:
        answer: Mapping[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in UNKNOWN:
            raise
        return None
    return answer


def named(sagemaker: Any, start: str, status: str) -> list[str]:
    """Names of the jobs in `status` whose name begins with `start`, newest first: a name ends with the time."""
    pages = sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains=start, StatusEquals=status
    )
    names = [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]
    return sorted((name for name in names if name.startswith(start)), reverse=True)


def seconds(job: Mapping[str, Any]) -> tuple[float, float | None]:
    """How long a job that has ended took from its creation, and how many of the seconds are billed if that is known."""
    end = job.get("TrainingEndTime") or job["LastModifiedTime"]
    return (end - job["CreationTime"]).total_seconds(), job.get("BillableTimeInSeconds")
