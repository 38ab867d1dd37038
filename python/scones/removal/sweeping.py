"""Deletes what jobs and endpoints leave behind and Terraform knows nothing of: log streams, log groups, records."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from botocore.exceptions import ClientError

from scones.cli import say
from scones.errors import UserError
from scones.progress import Progress
from scones.training import training_jobs

RUNNING = ("InProgress", "Stopping")
PATIENCE = 900.0
PAUSE = 2.0
# Ways of saying that a record can't be deleted: a job with a warm pool, an API that doesn't know the request.
UNDELETABLE = {"ResourceInUse", "ValidationException", "UnknownOperationException", "InvalidAction", "500", "501"}
ABSENT = {"ResourceNotFound", "ResourceNotFoundException"}


def stop_jobs(sagemaker: Any, prefix: str, patience: float = PATIENCE, pause: float = PAUSE) -> list[str]:
    """Stop the running training jobs whose names begin with `prefix`, and wait until they have ended.

    Raises:
        UserError: one of them takes longer than `patience` seconds.
    """
    stopped = running = _running(sagemaker, prefix)
    deadline = time.monotonic() + patience
    for name in running:
        say(f"Stopping training job {name}.")
        _stop(sagemaker, name)
    while running:
        if time.monotonic() > deadline:
            raise UserError(
                f"Training job {running[0]} has not stopped within {patience:g} seconds. Run the same command again."
            )
        time.sleep(pause)
        running = [name for name in running if _status(sagemaker, name) in RUNNING]
    return stopped


def delete_log_streams(logs: Any, group: str, streams: Collection[str]) -> bool:
    """Delete `streams`, and `group` too when nothing else is in it and nobody has configured it; True if it went."""
    with Progress("Deleting log streams", len(streams)) as bar:
        for stream in bar.each(sorted(streams)):
            _unless_absent(logs.delete_log_stream, logGroupName=group, logStreamName=stream)
    groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    configured = {found["logGroupName"]: "retentionInDays" in found for found in groups}
    if configured.get(group) is not False or logs.describe_log_streams(logGroupName=group, limit=1)["logStreams"]:
        return False
    _unless_absent(logs.delete_log_group, logGroupName=group)
    return True


def delete_log_groups(logs: Any, groups: Collection[str]) -> None:
    """Delete log groups that a service made again after Terraform had deleted them."""
    for group in sorted(groups):
        _unless_absent(logs.delete_log_group, logGroupName=group)


def delete_job_records(sagemaker: Any, names: Collection[str]) -> dict[str, str]:
    """Delete the records of ended training jobs; returns those that the service keeps, each with its reason."""
    kept = {}
    with Progress("Deleting records of training jobs", len(names)) as bar:
        for name in bar.each(sorted(names)):
            try:
                _unless_absent(sagemaker.delete_training_job, TrainingJobName=name)
            except ClientError as error:
                if _code(error) not in UNDELETABLE:
                    raise
                kept[name] = _code(error)
    return kept


def delete_model_packages(sagemaker: Any, group: str) -> int:
    """Delete all versions in a model package group, which SageMaker deletes only when it is empty; returns how many."""
    pages = sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)
    try:
        arns = list(pages.search("ModelPackageSummaryList[].ModelPackageArn"))
    except ClientError as error:
        if _code(error) not in {*ABSENT, "ValidationException"}:
            raise
        return 0  # no such group
    with Progress("Deleting registered models", len(arns)) as bar:
        for arn in bar.each(arns):
            sagemaker.delete_model_package(ModelPackageName=arn)
    return len(arns)


def _running(sagemaker: Any, prefix: str) -> list[str]:
    return [name for status in RUNNING for name in training_jobs.named(sagemaker, prefix, status)]


def _status(sagemaker: Any, name: str) -> str | None:
    job = training_jobs.describe(sagemaker, name)
    return job["TrainingJobStatus"] if job else None


def _stop(sagemaker: Any, name: str) -> None:
    try:
        sagemaker.stop_training_job(TrainingJobName=name)
    except ClientError:
        if _status(sagemaker, name) == "InProgress":
            raise


def _unless_absent(request: Any, **arguments: str) -> None:
    try:
        request(**arguments)
    except ClientError as error:
        if _code(error) not in ABSENT:
            raise


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
