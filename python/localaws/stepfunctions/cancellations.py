"""A task that waits for a job or an execution stops it when the task itself is stopped.

Source: "Run a job (.sync)" in the Step Functions developer guide.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (  # noqa: E501
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (  # noqa: E501
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for

from localaws.server.patching import change

Look = Callable[[], Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CancellableLook:
    """Looks whether the work of a task has ended; `cancel` stops that work."""

    look: Look
    cancel: Callable[[], Any]

    def __call__(self) -> Any:
        return self.look()


def cancelled_by(cancel: Callable[[], Any]) -> Callable[[Look], Look]:
    """Decorate the function that looks whether the work has ended with the one that stops it."""
    return lambda look: CancellableLook(look, cancel)


@change(StateTaskServiceCallback)
def _eval_sync(moto: Any, self: Any, env: Any, sync_resolver: Any, **parts: Any) -> Any:
    outcome = moto(self, env=env, sync_resolver=sync_resolver, **parts)
    if not env.is_running() and isinstance(sync_resolver, CancellableLook):
        try:
            sync_resolver.cancel()
        except ClientError as error:  # it has ended, or the role may not stop it
            log.debug("%s was not stopped: %s", self.resource.resource_arn, error)
    return outcome


@change(StateTaskServiceSfn, "_build_sync_resolver")
def look_at_execution(moto: Any, self: Any, env: Any, **parts: Any) -> Look:
    return _stopping_execution(moto, self, env, parts)


@change(StateTaskServiceSfn, "_build_sync2_resolver")
def look_at_output(moto: Any, self: Any, env: Any, **parts: Any) -> Look:
    return _stopping_execution(moto, self, env, parts)


def _stopping_execution(build: Any, task: Any, env: Any, parts: dict[str, Any]) -> Look:
    arn = env.stack[-1]["ExecutionArn"]
    client: Any = boto_client_for(
        region=parts["resource_runtime_part"].region,
        service="stepfunctions",
        state_credentials=parts["state_credentials"],
    )
    look: Look = build(task, env=env, **parts)
    return CancellableLook(look, lambda: client.stop_execution(executionArn=arn))
