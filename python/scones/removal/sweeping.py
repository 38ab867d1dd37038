"""Delete what jobs and endpoints leave behind: log streams, log groups, job records."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from scones import waits
from scones.aws import call_or_none, error_code
from scones.cli import say
from scones.clients import CloudWatchLogsClient, SageMakerClient
from scones.errors import UserError
from scones.progress import Progress, Step
from scones.waits import Wait

RUNNING = ("InProgress", "Stopping")
DELETING = "Deleting"
# The codes for a record that can't be deleted: an ended job with a warm pool, an API without the
# request.
UNDELETABLE = {
    "ResourceInUse",
    "ValidationException",
    "UnknownOperationException",
    "InvalidAction",
    "500",
    "501",
}
ABSENT = {"ResourceNotFound", "ResourceNotFoundException"}
UNKNOWN = {*ABSENT, "ValidationException"}


@dataclass(frozen=True)
class JobKind:
    """Training jobs or processing jobs: SageMaker's requests for both differ in that word alone."""

    word: str

    @property
    def title(self) -> str:
        return f"{self.word} job"

    def request(self, sagemaker: SageMakerClient, action: str, job: str) -> Any:
        """Call DescribeTrainingJob, StopProcessingJob and so on."""
        operation = getattr(sagemaker, f"{action}_{self.word}_job")
        return operation(**{f"{self.word.capitalize()}JobName": job})

    def find_running(self, sagemaker: SageMakerClient, prefix: str) -> list[str]:
        """Return the names that begin with `prefix` of the jobs that have not ended."""
        get_paginator: Any = sagemaker.get_paginator  # typed only for names that are literals
        paginator = get_paginator(f"list_{self.word}_jobs")
        word = self.word.capitalize()
        names = []
        for status in RUNNING:
            pages = paginator.paginate(NameContains=prefix, StatusEquals=status)
            names += pages.search(f"{word}JobSummaries[].{word}JobName")
        return [name for name in names if name and name.startswith(prefix)]

    def status(self, sagemaker: SageMakerClient, job: str) -> str | None:
        """Return a status such as "InProgress"; None when the account has no such job."""
        description = call_or_none(lambda: self.request(sagemaker, "describe", job), UNKNOWN)
        return description and str(description[f"{self.word.capitalize()}JobStatus"])

    def stop(self, sagemaker: SageMakerClient, job: str) -> None:
        try:
            self.request(sagemaker, "stop", job)
        except ClientError:
            if self.status(sagemaker, job) == "InProgress":
                raise


JOB_KINDS = TRAINING, PROCESSING = JobKind("training"), JobKind("processing")


def stop_jobs(
    sagemaker: SageMakerClient, prefix: str, patience: Wait = waits.JOB_STOPS
) -> list[str]:
    """Stop the running jobs whose names begin with `prefix`, and wait until they have ended.

    Returns:
        The names of the jobs, of both kinds.

    Raises:
        UserError: one of them takes longer than `patience`.
    """
    jobs = [(kind, job) for kind in JOB_KINDS for job in kind.find_running(sagemaker, prefix)]
    for kind, job in jobs:
        say(f"Stopping {kind.title} {job}.")
        kind.stop(sagemaker, job)
    for kind, job in jobs:
        _wait_until_stopped(kind, job, sagemaker, patience)
    return [job for _, job in jobs]


def _wait_until_stopped(
    kind: JobKind, job: str, sagemaker: SageMakerClient, patience: Wait
) -> None:
    with Step(f"Waiting while {job} stops"):
        for _ in patience.looks():
            if kind.status(sagemaker, job) not in RUNNING:
                return
    raise UserError(
        f"The {kind.title} {job} has not stopped within {patience}. Run the same command again."
    )


def delete_log_streams(logs: CloudWatchLogsClient, group: str, streams: Collection[str]) -> bool:
    """Delete `streams`, and `group` too if it is empty then and was never configured.

    Returns:
        Whether the group was deleted.
    """
    with Progress("Deleting log streams", len(streams)) as bar:
        for stream in bar.each(sorted(streams)):
            request = partial(logs.delete_log_stream, logGroupName=group, logStreamName=stream)
            call_or_none(request, ABSENT)
    for found in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        if found["logGroupName"] != group or "retentionInDays" in found:
            continue
        if logs.describe_log_streams(logGroupName=group, limit=1)["logStreams"]:
            continue
        delete_log_groups(logs, [group])
        return True
    return False


def delete_log_groups(logs: CloudWatchLogsClient, groups: Collection[str]) -> None:
    """Delete log groups that a service created again after Terraform had deleted them."""
    for group in sorted(groups):
        call_or_none(partial(logs.delete_log_group, logGroupName=group), ABSENT)


def delete_job_records(
    sagemaker: SageMakerClient, kind: JobKind, jobs: Collection[str]
) -> dict[str, str]:
    """Delete the records of ended jobs; return those that AWS does not delete, with the reasons."""
    undeleted = {}
    with Progress(f"Deleting records of {kind.title}s", len(jobs)) as bar:
        for job in bar.each(sorted(jobs)):
            try:
                kind.request(sagemaker, "delete", job)
            except ClientError as error:
                code = error_code(error)
                if code in UNDELETABLE:
                    # The record of a job that started meanwhile is not what AWS keeps.
                    if kind.status(sagemaker, job) not in RUNNING:
                        undeleted[job] = code
                elif code not in ABSENT:
                    raise
    return undeleted


def delete_model_packages(
    sagemaker: SageMakerClient, group: str, patience: Wait = waits.DELETIONS_END
) -> int:
    """Delete all versions in a model package group, and wait for a while until none is listed.

    SageMaker deletes a group only when it is empty.

    Returns:
        How many were deleted.
    """
    packages = _list_packages(sagemaker, group)
    undeleted = [each for each in packages if each["ModelPackageStatus"] != DELETING]
    with Progress("Deleting registered models", len(undeleted)) as bar:
        for package in bar.each(undeleted):
            sagemaker.delete_model_package(ModelPackageName=package["ModelPackageArn"])
    with Step("Waiting until the registered models are deleted"):
        for _ in patience.looks():
            if not _list_packages(sagemaker, group):
                break
    return len(undeleted)


def _list_packages(sagemaker: SageMakerClient, group: str) -> list[Any]:
    """Return the summaries of all versions in a group; none if there is no such group."""
    paginator = sagemaker.get_paginator("list_model_packages")
    pages = paginator.paginate(ModelPackageGroupName=group)
    found = call_or_none(lambda: list(pages.search("ModelPackageSummaryList[]")), UNKNOWN)
    return found or []
