"""SageMaker's training jobs: created, listed and stopped here, run by `training_job`."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.exceptions import ResourceInUseException, ValidationError
from moto.sagemaker.models import FakeTrainingJob
from moto.sagemaker.responses import SageMakerResponse

from localaws.sagemaker.training_job import TrainingJob
from localaws.sagemaker.training_record import Record, compiled
from localaws.server.patching import Account, Closer, change, fill

PAGE = 10  # summaries in an answer, unless the request says otherwise
SORT_KEYS = {
    "Name": "TrainingJobName",
    "CreationTime": "CreationTime",
    "Status": "TrainingJobStatus",
}


def install(account: Account) -> Closer:
    running: dict[str, TrainingJob] = {}
    creation = threading.Lock()  # of two jobs with one name, one is refused

    @change(FakeTrainingJob)
    def __init__(moto: Any, self: Any, **given: Any) -> None:  # noqa: N807  the constructor is what changes
        definitions = list(
            given["algorithm_specification"].get("MetricDefinitions") or []
        )  # moto puts its own there
        moto(self, **given)
        Record.begin(self, definitions)

    @change(SageMakerResponse)
    def create_training_job(moto: Any, self: Any) -> Any:
        request = json.loads(self.body)
        _validate(request)
        name = request["TrainingJobName"]
        jobs = self.sagemaker_backend.training_jobs
        with creation:
            if name in jobs:
                raise ResourceInUseException(
                    "Training job names must be unique within an AWS account and region, and a training job with this "
                    f"name already exists ({jobs[name].arn})"
                )
            answer = moto(self)
        job = jobs[name]
        job.environment = request.get("Environment")
        running[job.arn] = TrainingJob(account, self.current_account, self.region, request, job)
        running[job.arn].start()
        return answer

    @fill(SageMakerResponse)
    def stop_training_job(self: Any) -> Any:
        description = self.sagemaker_backend.describe_training_job(
            self._get_param("TrainingJobName")
        )
        if ended := running[description["TrainingJobArn"]].stop():
            raise ValidationError(
                f"The request was rejected because the training job is in status {ended}."
            )
        return EmptyResult()

    @change(SageMakerResponse)
    def list_training_jobs(moto: Any, self: Any) -> Any:
        moto(self)  # refuses what is not allowed, but neither sorts nor pages as told
        return ActionResult(_page(_summaries(self), self))

    def close() -> None:
        alive = [job for job in running.values() if job.is_alive()]
        for job in alive:
            job.end()
        for job in alive:
            job.join()

    return close


def _validate(request: Mapping[str, Any]) -> None:
    limits = request.get("StoppingCondition") or {}
    if request.get("EnableManagedSpotTraining"):
        if limits.get("MaxWaitTimeInSeconds", -1) < limits.get("MaxRuntimeInSeconds", 24 * 3600):
            raise ValidationError(
                "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
            )
    elif limits.get("MaxWaitTimeInSeconds") is not None:
        raise ValidationError("MaxWaitTimeInSeconds is for managed spot training only.")
    try:
        compiled(request["AlgorithmSpecification"].get("MetricDefinitions") or [])
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _summaries(response: Any) -> list[dict[str, Any]]:
    """All that the request's filters leave, in the order that it asks for."""
    found = response.sagemaker_backend.list_training_jobs(
        next_token=None,
        max_results=None,
        creation_time_after=response._get_param("CreationTimeAfter"),
        creation_time_before=response._get_param("CreationTimeBefore"),
        last_modified_time_after=response._get_param("LastModifiedTimeAfter"),
        last_modified_time_before=response._get_param("LastModifiedTimeBefore"),
        name_contains=response._get_param("NameContains"),
        status_equals=response._get_param("StatusEquals"),
    )["TrainingJobSummaries"]
    key = SORT_KEYS[response._get_param("SortBy", "CreationTime")]
    descending = response._get_param("SortOrder", "Ascending") == "Descending"
    summaries = [
        {name: value for name, value in summary.items() if value is not None} for summary in found
    ]
    return sorted(summaries, key=lambda summary: summary[key], reverse=descending)


def _page(summaries: list[dict[str, Any]], response: Any) -> dict[str, Any]:
    start = int(response._get_param("NextToken") or 0)
    end = start + (response._get_int_param("MaxResults") or PAGE)
    more = {"NextToken": str(end)} if end < len(summaries) else {}
    return {"TrainingJobSummaries": summaries[start:end], **more}
