"""SageMaker's training jobs: created, listed and stopped here, run by `training_job`."""

from __future__ import annotations

import json
import threading
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.exceptions import ResourceInUseException, ValidationError
from moto.sagemaker.models import FakeTrainingJob, sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse

from localaws.json_object import JsonObject
from localaws.sagemaker import execution_role
from localaws.sagemaker.training_job import INTERRUPTED, MAX_RUNTIME_SECONDS, TrainingJob
from localaws.sagemaker.training_record import RUNNING, JobRecord, compile_patterns
from localaws.server.patching import Account, Closer, change, fill

PAGE = 10  # summaries in an answer, unless the request sets another number
SORT_KEYS = {
    "Name": "TrainingJobName",
    "CreationTime": "CreationTime",
    "Status": "TrainingJobStatus",
}
FILTERS = {
    "creation_time_after": "CreationTimeAfter",
    "creation_time_before": "CreationTimeBefore",
    "last_modified_time_after": "LastModifiedTimeAfter",
    "last_modified_time_before": "LastModifiedTimeBefore",
    "name_contains": "NameContains",
    "status_equals": "StatusEquals",
}


def install(account: Account) -> Closer:
    _end_interrupted_jobs()
    running: dict[str, TrainingJob] = {}
    creation = threading.Lock()  # of two jobs with one name, one is refused

    @change(FakeTrainingJob)
    def __init__(moto: Any, self: Any, **request: Any) -> None:  # noqa: N807  moto's constructor
        # moto replaces the definitions by its own.
        definitions = request["algorithm_specification"].get("MetricDefinitions") or []
        definitions = list(definitions)
        moto(self, **request)
        JobRecord.start(self, definitions)

    @change(SageMakerResponse)
    def create_training_job(moto: Any, self: Any) -> Any:
        request = json.loads(self.body)
        _validate(request)
        session = execution_role.assume_role(self.current_account, request["RoleArn"])
        name = request["TrainingJobName"]
        jobs = self.sagemaker_backend.training_jobs
        with creation:
            if name in jobs:
                raise ResourceInUseException(
                    "Training job names must be unique within an AWS account and region, "
                    f"and a training job with this name already exists ({jobs[name].arn})"
                )
            answer = moto(self)
        job = jobs[name]
        job.environment = request.get("Environment")
        running[job.arn] = TrainingJob(account, session, self.region, request, job)
        running[job.arn].start()
        return answer

    @fill(SageMakerResponse)
    def stop_training_job(self: Any) -> Any:
        name = self._get_param("TrainingJobName")
        description = self.sagemaker_backend.describe_training_job(name)
        job = running.get(description["TrainingJobArn"])  # None for one of a former process
        final_status = job.stop() if job else description["TrainingJobStatus"]
        if final_status:
            raise ValidationError(
                f"The request was rejected because the training job is in status {final_status}."
            )
        return EmptyResult()

    @change(SageMakerResponse)
    def list_training_jobs(moto: Any, self: Any) -> Any:
        moto(self)  # validates the request, but neither sorts nor pages as requested
        summaries = _summaries(self)
        start = int(self._get_param("NextToken") or 0)
        end = start + (self._get_int_param("MaxResults") or PAGE)
        answer: JsonObject = {"TrainingJobSummaries": summaries[start:end]}
        if end < len(summaries):
            answer["NextToken"] = str(end)
        return ActionResult(answer)

    def close() -> None:
        alive = [job for job in running.values() if job.is_alive()]
        for job in alive:
            job.end()
        for job in alive:
            job.join()

    return close


def _end_interrupted_jobs() -> None:
    """The jobs that ran when the former process ended: lost, as with an instance that fails."""
    for _, _, backend in sagemaker_backends.iter_backends():
        for job in backend.training_jobs.values():
            if job.training_job_status in RUNNING:
                JobRecord(job).end("Failed", "Failed", INTERRUPTED)


def _validate(request: JsonObject) -> None:
    limits = request.get("StoppingCondition") or {}
    max_wait = limits.get("MaxWaitTimeInSeconds")
    if request.get("EnableManagedSpotTraining"):
        max_runtime = limits.get("MaxRuntimeInSeconds", MAX_RUNTIME_SECONDS)
        if max_wait is None or max_wait < max_runtime:
            raise ValidationError(
                "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
                "MaxRuntimeInSeconds"
            )
    elif max_wait is not None:
        raise ValidationError("MaxWaitTimeInSeconds is for managed spot training only.")
    try:
        compile_patterns(request["AlgorithmSpecification"].get("MetricDefinitions") or [])
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _summaries(response: Any) -> list[JsonObject]:
    """The jobs that match the request's filters, in its order."""
    filters = {name: response._get_param(parameter) for name, parameter in FILTERS.items()}
    answer = response.sagemaker_backend.list_training_jobs(
        next_token=None,
        max_results=None,
        **filters,
    )
    summaries = [
        {name: value for name, value in summary.items() if value is not None}
        for summary in answer["TrainingJobSummaries"]
    ]
    key = SORT_KEYS[response._get_param("SortBy", "CreationTime")]
    descending = response._get_param("SortOrder", "Ascending") == "Descending"
    return sorted(summaries, key=lambda summary: summary[key], reverse=descending)
