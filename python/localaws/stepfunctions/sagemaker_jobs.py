"""sagemaker:createTrainingJob and its kind; with .sync, the task waits for the job's end.

Source: the page "Create and manage Amazon SageMaker jobs" of the Step Functions developer guide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (  # noqa: E501
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from localaws.json_object import JsonObject
from localaws.server.patching import change
from localaws.stepfunctions.cancellations import cancelled_by

JOBS = {
    "createHyperParameterTuningJob": "HyperParameterTuningJob",
    "createLabelingJob": "LabelingJob",
    "createProcessingJob": "ProcessingJob",
    "createTrainingJob": "TrainingJob",
    "createTransformJob": "TransformJob",
}
# These only send the request.
REQUESTS = {"createEndpoint", "createEndpointConfig", "createModel", "updateEndpoint"}
TASK_FAILED = StatesErrorNameType.StatesTaskFailed
ENDED = {"Completed", "Failed", "Stopped"}
# The SDK for Java has classes for these; every other error is an AmazonSageMakerException.
MODELLED = {"ConflictException", "ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound"}


@change(state_task_factory)
def state_task_service_for(moto: Any, service_name: str) -> Any:
    return SageMakerTask() if service_name == "sagemaker" else moto(service_name)


class SageMakerTask(StateTaskServiceCallback):  # type: ignore[misc]  # moto has no types
    def __init__(self) -> None:
        # moto's tasks of this kind always have a token, which nothing uses here.
        super().__init__({ResourceCondition.Sync, ResourceCondition.WaitForTaskToken})

    def _validate_service_integration_is_supported(self) -> None:
        action, condition = self.resource.api_action, self.resource.condition
        is_job = action in JOBS and condition in (None, ResourceCondition.Sync)
        if not is_job and (action not in REQUESTS or condition is not None):
            raise ValueError(
                f"The resource provided {self.resource.resource_arn} not recognized. The value is "
                "not a valid resource ARN, or the resource is not available in this region."
            )

    def _eval_service_task(self, env: Any, normalised_parameters: JsonObject, **parts: Any) -> None:
        client = _client(parts)
        send = getattr(client, self._get_boto_service_action())
        response = send(**normalised_parameters)
        response.pop("ResponseMetadata", None)
        env.stack.append(response)

    def _build_sync_resolver(
        self, env: Any, normalised_parameters: JsonObject, **parts: Any
    ) -> Callable[[], Any]:
        client = _client(parts)
        env.stack.pop()  # what the creation returned
        kind = JOBS[self.resource.api_action]
        name = {f"{kind}Name": normalised_parameters[f"{kind}Name"]}
        action = f"describe{kind}"
        describe = getattr(client, self._get_boto_service_action(action))
        stop = getattr(client, self._get_boto_service_action(f"stop{kind}"))

        @cancelled_by(lambda: stop(**name))
        def look() -> JsonObject | None:
            job: JsonObject = describe(**name)
            status = job[f"{kind}Status"]
            if status not in ENDED:
                return None
            job.pop("ResponseMetadata")
            self._normalise_response(job, service_action_name=action)
            if status != "Completed":
                failed = self._failure(env, TASK_FAILED.to_name(), to_json_str(job))
                raise FailureEventException(failed)
            return job

        return look

    def _from_error(self, env: Any, ex: Exception) -> FailureEvent:
        if not isinstance(ex, ClientError):
            return super()._from_error(env, ex)
        answer: Any = ex.response
        code = answer["Error"]["Code"]
        metadata = answer["ResponseMetadata"]
        details = [
            "Service: AmazonSageMaker",
            f"Status Code: {metadata['HTTPStatusCode']}",
            f"Error Code: {code}",
            f"Request ID: {metadata.get('RequestId')}",
            "Proxy: null",
        ]
        exception = f"{code.removesuffix('Exception')}Exception"
        name = exception if code in MODELLED else "AmazonSageMakerException"
        cause = f"{answer['Error']['Message']} ({'; '.join(details)})"
        return self._failure(env, f"SageMaker.{name}", cause)

    def _failure(self, env: Any, error: str, cause: str) -> FailureEvent:
        details = TaskFailedEventDetails(
            resource=self._get_sfn_resource(),
            resourceType=self._get_sfn_resource_type(),
            error=error,
            cause=cause,
        )
        is_job_failure = error == TASK_FAILED.to_name()
        return FailureEvent(
            env=env,
            error_name=StatesErrorName(TASK_FAILED) if is_job_failure else CustomErrorName(error),
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )


def _client(parts: JsonObject) -> Any:
    return boto_client_for(
        region=parts["resource_runtime_part"].region,
        service="sagemaker",
        state_credentials=parts["state_credentials"],
    )
