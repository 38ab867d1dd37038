"""Training jobs and registered models: created and deleted in statuses that last a while."""

from __future__ import annotations

from typing import Any

from moto.core.responses import EmptyResult
from moto.sagemaker.exceptions import (
    ConflictException,
    ResourceInUseException,
    ResourceNotFound,
)
from moto.sagemaker.models import FakeTrainingJob, ModelPackage, sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse

from localaws.pace import Duration
from localaws.persistence import changes
from localaws.sagemaker.training_record import RUNNING
from localaws.server.later import later
from localaws.server.patching import Account, change, fill

DELETING = "Deleting"


def install(_account: Account) -> None:
    """Go on with what the former process did."""
    for _, _, backend in sagemaker_backends.iter_backends():
        for name, job in list(backend.training_jobs.items()):
            if job.training_job_status == DELETING:
                _delete_later(backend.training_jobs, name, job)
        for arn, package in list(backend.model_packages.items()):
            if package.model_package_status == DELETING:
                _delete_later(backend.model_packages, arn, package)
            elif package.model_package_status in {"Pending", "InProgress"}:
                package.model_package_status = "Completed"
        for name, group in list(backend.model_package_groups.items()):
            if group.model_package_group_status == DELETING:
                _delete_later(backend.model_package_groups, name, group)

    @change(ModelPackage)
    def __init__(moto: Any, self: Any, **request: Any) -> None:  # noqa: N807  moto's constructor
        moto(self, **request)
        self.model_package_status = "Pending"
        seconds = Duration.PACKAGE_CREATION.seconds
        later(seconds / 2, lambda: _go_on(self, "Pending", "InProgress"))
        later(seconds, lambda: _go_on(self, "InProgress", "Completed"))


@fill(SageMakerResponse)
def delete_training_job(self: Any) -> Any:
    name = self._get_param("TrainingJobName")
    jobs = self.sagemaker_backend.training_jobs
    if name not in jobs:
        arn = FakeTrainingJob.arn_formatter(name, self.current_account, self.region)
        raise ResourceNotFound(f"Could not find training job '{arn}'.")
    job = jobs[name]
    if job.training_job_status in {*RUNNING, DELETING}:
        raise ResourceInUseException(
            f"Training job '{job.arn}' is {job.training_job_status}; "
            "only an ended one can be deleted."
        )
    job.training_job_status = DELETING
    _delete_later(jobs, name, job)
    return EmptyResult()


@fill(SageMakerResponse)
def delete_model_package(self: Any) -> Any:
    packages = self.sagemaker_backend.model_packages
    name = self._get_param("ModelPackageName")
    package = self.sagemaker_backend.describe_model_package(name)
    if package.model_package_status == DELETING:
        raise ConflictException(f"Model Package {package.arn} is already being deleted.")
    package.model_package_status = DELETING
    _delete_later(packages, package.arn, package)
    return EmptyResult()


@fill(SageMakerResponse)
def delete_model_package_group(self: Any) -> Any:
    backend = self.sagemaker_backend
    group = backend.describe_model_package_group(self._get_param("ModelPackageGroupName"))
    name = group.model_package_group_name
    if any(package.model_package_group_name == name for package in backend.model_packages.values()):
        raise ConflictException(
            f"Model Package Group {group.arn} cannot be deleted while it has model packages."
        )
    group.model_package_group_status = DELETING
    _delete_later(backend.model_package_groups, name, group)
    return EmptyResult()


def _delete_later(records: dict[str, Any], key: str, record: Any) -> None:
    def delete() -> None:
        if records.get(key) is record:
            del records[key]
            changes.note("services", "sagemaker")

    later(Duration.RECORD_DELETION.seconds, delete)


def _go_on(package: Any, before: str, after: str) -> None:
    if package.model_package_status == before:
        package.model_package_status = after
        changes.note("services", "sagemaker")
