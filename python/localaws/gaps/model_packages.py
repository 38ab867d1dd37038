"""The model registry: what moto can register, it cannot delete."""

from __future__ import annotations

from typing import Any

from moto.core.responses import EmptyResult
from moto.sagemaker.exceptions import ConflictException
from moto.sagemaker.responses import SageMakerResponse

from localaws.patching import fill


@fill(SageMakerResponse)
def delete_model_package(self: Any) -> Any:
    backend = self.sagemaker_backend
    package = backend.describe_model_package(self._get_param("ModelPackageName"))
    del backend.model_packages[package.arn]
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
    del backend.model_package_groups[name]
    return EmptyResult()
