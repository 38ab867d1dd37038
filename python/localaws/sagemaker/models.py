"""SageMaker's roles at the creation of a model or a processing job: refused at once, as on AWS."""

from __future__ import annotations

from typing import Any

from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.responses import SageMakerResponse

from localaws.iam.s3_actions import object_arn
from localaws.sagemaker import execution_role
from localaws.server import objects
from localaws.server.patching import change


@change(SageMakerResponse)
def create_model(moto: Any, self: Any) -> Any:
    role_arn = self._get_param("ExecutionRoleArn")
    session = execution_role.assume_role(self.current_account, role_arn)
    containers = self._get_param("Containers") or [self._get_param("PrimaryContainer") or {}]
    for container in containers:
        url = container.get("ModelDataUrl")
        if url and not session.may("s3:GetObject", object_arn(*objects.split(url))):
            raise ValidationError(
                f'Could not access model data at {url}. Please ensure that the role "{role_arn}" '
                "exists and that its trust relationship policy allows the action "
                f'"sts:AssumeRole" for the service principal "{execution_role.SERVICE}". Also '
                'ensure that the role has "s3:GetObject" permissions and that the object is '
                f"located in {self.region}."
            )
    return moto(self)


@change(SageMakerResponse)
def create_processing_job(moto: Any, self: Any) -> Any:
    execution_role.assume_role(self.current_account, self._get_param("RoleArn"))
    return moto(self)
