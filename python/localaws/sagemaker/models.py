"""SageMaker's roles at the creation of a model or a processing job.

A processing job runs nothing here, but what SageMaker would do before it starts the container is
done under its role: so a missing grant fails the job, as on AWS.
"""

from __future__ import annotations

import json
import time
from typing import Any

from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.responses import SageMakerResponse

from localaws.iam.decisions import AccessDeniedError
from localaws.iam.s3_actions import object_arn
from localaws.iam.sessions import Session
from localaws.json_object import JsonObject
from localaws.sagemaker import execution_role, opt_ml
from localaws.server import objects
from localaws.server.patching import change

PROCESSING_LOG = "/aws/sagemaker/ProcessingJobs"
NOT_RUN = "The local AWS runs no processing jobs: this one did nothing."


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
    session = execution_role.assume_role(self.current_account, self._get_param("RoleArn"))
    answer = moto(self)
    request = json.loads(self.body)
    job = self.sagemaker_backend.processing_jobs[request["ProcessingJobName"]]
    try:
        _prepare(session, self.region, request)
    except AccessDeniedError as error:
        job.failure_reason = f"ClientError: {error}"
        job.processing_job_status = "Failed"
    return answer


def _prepare(session: Session, region: str, request: JsonObject) -> None:
    """Pull the container image, download the inputs, open the log. Raises AccessDeniedError."""
    execution_role.pull(session, request["AppSpecification"]["ImageUri"])
    for item in request.get("ProcessingInputs") or []:
        url = (item.get("S3Input") or {}).get("S3Uri", "")
        bucket, _ = objects.split(url)
        for key in objects.keys(session, url) if url else []:
            session.require("s3:GetObject", object_arn(bucket, key))
    stream = f"{request['ProcessingJobName']}/{opt_ml.HOST}-{int(time.time())}"
    execution_role.open_log(session, region, PROCESSING_LOG, stream).write(NOT_RUN)
