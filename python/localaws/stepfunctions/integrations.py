"""Calls of other services: one client for each service, and the errors of the SDK integrations as AWS names them."""

from __future__ import annotations

import threading
from typing import Any

import boto3
from botocore.config import Config
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk,
)
from moto.stepfunctions.parser.asl.utils import boto_client

from localaws.server.patching import Account

SDK_ERROR_NAMES = {
    "lambda": "Lambda",
    "s3": "S3",
    "sagemaker": "SageMaker",
    "sns": "Sns",
    "sqs": "Sqs",
}


class Clients:
    """Stands in for the boto3 of moto's tasks, which builds a client for each: most of an execution's time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: dict[tuple[str, str], Any] = {}
        self._making = threading.Lock()  # sessions don't bear several threads

    def client(
        self, service_name: str, region_name: str, config: Config, **credentials: str
    ) -> Any:
        with self._making:
            key = (service_name, region_name)
            if key not in self._made:
                wide = config.merge(Config(max_pool_connections=200))
                known = {**credentials, "endpoint_url": self._url, "region_name": region_name}
                session = boto3.session.Session()
                self._made[key] = session.client(service_name, config=wide, **known)  # type: ignore[call-overload]
            return self._made[key]


def install(account: Account) -> None:
    boto_client.boto3 = Clients(account.url)
    state_task_service_aws_sdk._SERVICE_ERROR_NAMES.update(SDK_ERROR_NAMES)
