"""Deletes what jobs and endpoints leave behind and Terraform knows nothing of: log streams, log groups, records."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from scones.cli import say
from scones.errors import UserError
from scones.progress import Progress

RUNNING = ("InProgress", "Stopping")
PATIENCE = 900.0
PAUSE = 2.0
# Ways of saying that a record can't be deleted: a job with a warm pool, an API that doesn't know the request.
UNDELETABLE = {
    "ResourceInUse",
    "ValidationException",
    "UnknownOperationException",
    "InvalidAction",
    "500",
    "501",
}
ABSENT = {"ResourceNotFound", "ResourceNotFoundException"}


@dataclass(frozen=True)
class JobKind:
    """Training jobs or processing jobs: SageMaker's requests for both differ in that word alone."""

    word: str

    @property
    def title(self) -> str:
        return f"{self.word} job"

    def request(self, sagemaker: Any, verb: str) -> Any:
        return getattr(sagemaker, f"{verb}_{self.word}_job")

    def named(self, name: str) -> dict[str, str]:
        return {f"{self.word.capitalize()}JobName": name}

    def running(self, sagemaker: Any, prefix: str) -> list[str]:
        """Names of the jobs that have not ended and whose names begin with `prefix`."""
        listing, word = sagemaker.get_paginator(f"list_{self.word}_jobs"), self.word.capitalize()
        pages = (listing.paginate(NameContains=prefix, StatusEquals=status) for status in RUNNING)
        names = (
            name for page in pages for name in page.search(f"{word}JobSummaries[].{word}JobName")
        )
        return [name for name in names if name and name.startswith(prefix)]

    def status(self, sagemaker: Any, name: str) -> str | None:
        """Such as "InProgress"; None when the account has no such job."""
        try:
            job = self.request(sagemaker, "describe")(**self.named(name))
        except ClientError as error:
            if _code(error) not in {*ABSENT, "ValidationException"}:
                raise
            return None
        return str(job[f"{self.word.capitalize()}JobStatus"])

    def stop(self, sagemaker: Any, name: str) -> None:
        try:
            self.request(sagemaker, "stop")(**self.named(name))
        except ClientError:
            if self.status(sagemaker, name) == "InProgress":
                raise


JOB_KINDS = TRAINING, PROCESSING = JobKind("training"), JobKind("processing")


def stop_jobs(
    sagemaker: Any, prefix: str, patience: float = PATIENCE, pause: float = PAUSE
) -> list[str]:
    """Stop the running jobs of both kinds whose names begin with `prefix`, and wait until they have ended.

    Raises:
        UserError: one of them takes longer than `patience` seconds.
    """
    stopped = running = [
        (kind, name) for kind in JOB_KINDS for name in kind.running(sagemaker, prefix)
    ]
    deadline = time.monotonic() + patience
    for kind, name in running:
        say(f"Stopping {kind.title} {name}.")
        kind.stop(sagemaker, name)
    while running:
        if time.monotonic() > deadline:
            kind, name = running[0]
            raise UserError(
                f"The {kind.title} {name} has not stopped within {patience:g} seconds. Run the same command again."
            )
        time.sleep(pause)
        running = [
            (kind, name) for kind, name in running if kind.status(sagemaker, name) in RUNNING
        ]
    return [name for _, name in stopped]


def delete_log_streams(logs: Any, group: str, streams: Collection[str]) -> bool:
    """Delete `streams`, and `group` too when nothing else is in it and nobody has configured it; True if it went."""
    with Progress("Deleting log streams", len(streams)) as bar:
        for stream in bar.each(sorted(streams)):
            _unless_absent(logs.delete_log_stream, logGroupName=group, logStreamName=stream)
    groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    configured = {found["logGroupName"]: "retentionInDays" in found for found in groups}
    if (
        configured.get(group) is not False
        or logs.describe_log_streams(logGroupName=group, limit=1)["logStreams"]
    ):
        return False
    _unless_absent(logs.delete_log_group, logGroupName=group)
    return True


def delete_log_groups(logs: Any, groups: Collection[str]) -> None:
    """Delete log groups that a service made again after Terraform had deleted them."""
    for group in sorted(groups):
        _unless_absent(logs.delete_log_group, logGroupName=group)


def delete_job_records(sagemaker: Any, kind: JobKind, names: Collection[str]) -> dict[str, str]:
    """Delete the records of ended jobs; returns those that the service keeps, each with its reason."""
    kept = {}
    with Progress(f"Deleting records of {kind.title}s", len(names)) as bar:
        for name in bar.each(sorted(names)):
            try:
                _unless_absent(kind.request(sagemaker, "delete"), **kind.named(name))
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


def _unless_absent(request: Any, **arguments: str) -> None:
    try:
        request(**arguments)
    except ClientError as error:
        if _code(error) not in ABSENT:
            raise


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
