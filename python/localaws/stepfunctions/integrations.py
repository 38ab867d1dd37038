"""Tasks that call other services: a client per service and role; AWS's names for SDK errors."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk,
    state_task_service_callback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (  # noqa: E501
    StateTaskService,
)
from moto.stepfunctions.parser.asl.utils import boto_client

from localaws.iam.enforcement import enforce
from localaws.persistence import changes
from localaws.server import wsgi
from localaws.server.patching import Account
from localaws.stepfunctions import execution_role

SDK_ERROR_NAMES = {
    "cloudwatch": "CloudWatch",
    "cloudwatchlogs": "CloudWatchLogs",
    "ecr": "Ecr",
    "eventbridge": "EventBridge",
    "iam": "Iam",
    "lambda": "Lambda",
    "s3": "S3",
    "sagemaker": "SageMaker",
    "sagemakerruntime": "SageMakerRuntime",
    "scheduler": "Scheduler",
    "secretsmanager": "SecretsManager",
    "sns": "Sns",
    "sqs": "Sqs",
    "ssm": "Ssm",
    "sts": "Sts",
}
# Where the SDK for Java 2, after which the resources of tasks are named, and botocore differ.
BOTOCORE_NAMES = {
    "cloudwatchlogs": "logs",
    "eventbridge": "events",
    "sagemakerruntime": "sagemaker-runtime",
}
SYNC_SECONDS = 0.1  # between looks at a job or an execution that a task waits for


def install(account: Account) -> None:
    boto_client.boto3 = Clients(account.url)
    state_task_service_aws_sdk._SERVICE_ERROR_NAMES.update(SDK_ERROR_NAMES)
    StateTaskService._SERVICE_NAME_SFN_TO_BOTO_OVERRIDES.update(BOTOCORE_NAMES)
    state_task_service_callback._DELAY_SECONDS_SYNC_CONDITION_CHECK = SYNC_SECONDS


class Clients:
    """Replaces boto3 in moto's tasks, which would build a client for each call.

    That would be most of an execution's time. Nor do requests to the account need a connection:
    they are answered on the thread that makes them.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._creation = threading.Lock()  # sessions are not thread-safe
        application = DomainDispatcherApplication(create_backend_app)
        self._application = enforce(changes.answer_when_saved(application))

    def client(
        self,
        service_name: str,
        region_name: str,
        config: Config,
        **settings: str,
    ) -> Any:
        credentials = execution_role.credentials()
        key = (service_name, region_name, credentials.get("aws_access_key_id", ""))
        with self._creation:
            if key not in self._clients:
                create_client: Any = boto3.session.Session().client  # typed only for literals
                client = create_client(
                    service_name,
                    region_name=region_name,
                    config=config.merge(Config(inject_host_prefix=False)),
                    **{**settings, **credentials, "endpoint_url": self._url},
                )
                client.meta.events.register("before-send", self._send)
                self._clients[key] = client
            return self._clients[key]

    def _send(self, request: AWSPreparedRequest, **_event: Any) -> AWSResponse:
        """Called by botocore in place of a request over the network."""
        headers = {name: _text(value) for name, value in request.headers.items()}
        environ = wsgi.environment(request.method, request.url, headers, _content(request.body))
        answer = wsgi.call(self._application, environ)
        answer_headers: Any = dict(answer.headers)
        return AWSResponse(request.url, answer.status, answer_headers, Body(answer.content))


class Body(io.BytesIO):
    """The content of an answer, as botocore reads it from a connection."""

    def stream(self, *_arguments: Any, **_settings: Any) -> Iterator[bytes]:
        yield self.read()


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


def _content(body: Any) -> bytes:
    """The content of a request: bytes, text, a file, or None."""
    content = body.read() if hasattr(body, "read") else body or b""
    return content.encode() if isinstance(content, str) else bytes(content)
