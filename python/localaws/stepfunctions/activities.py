"""Activities: their tasks, which workers fetch. moto only stores the activities."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_activitiy import (
    StateTaskActivity,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import ActivityTaskStartEndpoint
from moto.stepfunctions.parser.backend.activity import Activity
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.server.patching import change, fill
from localaws.stepfunctions.callbacks import find_endpoint
from localaws.stepfunctions.failures import runtime_failure

POLL_SECONDS = 60.0  # how long a worker waits for a task
PAUSE_SECONDS = 0.05


class Queues(dict[str, Activity]):
    """The tasks of every activity that exists, by its ARN."""

    def __init__(self, account: str, region: str) -> None:
        super().__init__()
        self._backend = stepfunctions_parser_backends[account][region]

    def get(self, arn: str, default: Any = None) -> Any:
        if arn not in self._backend.activities:
            return default
        if arn not in self:
            self[arn] = Activity(arn=arn, name=arn.rpartition(":")[2])
        return self[arn]


class QueuesByRegion(defaultdict[tuple[str, str], Queues]):
    def __missing__(self, place: tuple[str, str]) -> Queues:
        self[place] = Queues(*place)
        return self[place]


_queues = QueuesByRegion()


@change(Execution, "__init__")
def share_queues(moto: Any, self: Any, **settings: Any) -> None:
    """moto gives every execution an empty store of its own."""
    queues = _queues[settings["account_id"], settings["region_name"]]
    moto(self, **{**settings, "activity_store": queues})


@change(StateTaskActivity)
def _eval_execution(moto: Any, self: Any, env: Any) -> None:
    arn = self.resource.resource_arn
    if env.activity_store.get(arn) is None:
        raise runtime_failure(env, f"The activity {arn} does not exist.")
    moto(self, env)


@change(ActivityTaskStartEndpoint, "__init__")
def start_without_worker(moto: Any, self: Any) -> None:
    moto(self)
    self._outcome = None  # for a task that no worker fetches


@fill(StepFunctionResponse)
def get_activity_task(self: Any) -> ActionResult:
    arn = self._get_param("activityArn")
    self.stepfunction_backend.describe_activity(arn)  # raises where there is none
    queue = _queues[self.current_account, self.region].get(arn)
    deadline = time.monotonic() + POLL_SECONDS
    while time.monotonic() < deadline:
        try:
            task = queue.get_task()
        except IndexError:  # there is none yet
            time.sleep(PAUSE_SECONDS)
            continue
        endpoint = find_endpoint(self.stepfunction_backend, task.task_token)
        if endpoint is not None and not endpoint._notify_event.is_set():
            endpoint.notify_activity_task_start(self._get_param("workerName"))
            return ActionResult({"taskToken": task.task_token, "input": task.task_input})
    return ActionResult({})
