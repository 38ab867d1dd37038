"""Tasks that call other services: one client per service, and AWS's names for SDK errors."""

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


def install(account: Account) -> None:
    boto_client.boto3 = Clients(account.url)
    state_task_service_aws_sdk._SERVICE_ERROR_NAMES.update(SDK_ERROR_NAMES)


class Clients:
    """Replaces boto3 in moto's tasks, which would build a client for each call.

    That would be most of an execution's time.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._clients: dict[tuple[str, str], Any] = {}
        self._creation = threading.Lock()  # sessions are not thread-safe

    def client(
        self,
        service_name: str,
        region_name: str,
        config: Config,
        **credentials: str,
    ) -> Any:
        key = (service_name, region_name)
        with self._creation:
            if key not in self._clients:
                self._clients[key] = boto3.session.Session().client(
                    service_name,  # type: ignore[call-overload]
                    region_name=region_name,
                    config=config.merge(Config(max_pool_connections=200)),
                    **{**credentials, "endpoint_url": self._url},
                )
            return self._clients[key]
