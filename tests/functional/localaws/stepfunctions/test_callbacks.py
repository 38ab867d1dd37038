"""Tasks that wait for a token or a worker, as AWS's developer guide describes them."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from accounts import Account
from machines import Machines, machine, task

WAITING = [
    "ExecutionStarted",
    "TaskStateEntered",
    "TaskScheduled",
    "TaskStarted",
    "TaskSubmitted",
]


@pytest.fixture(scope="module")
def machines(account: Account) -> Machines:
    return Machines(account)


class Queue:
    """Where a task puts its token."""

    def __init__(self, account: Account) -> None:
        self._sqs = account.client("sqs")
        self.url = self._sqs.create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]

    def waiting(self, **more: Any) -> dict[str, Any]:
        parameters = {"QueueUrl": self.url, "MessageBody": {"token.$": "$$.Task.Token"}}
        return machine(Wait=task("sqs:sendMessage.waitForTaskToken", parameters, **more))

    def token(self) -> str:
        (message,) = self._sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=20)["Messages"]
        return str(json.loads(message["Body"])["token"])


@pytest.fixture
def queue(account: Account) -> Queue:
    return Queue(account)


@pytest.fixture
def activity(machines: Machines) -> str:
    name = f"activity-{uuid.uuid4().hex[:8]}"
    return str(machines.states.create_activity(name=name)["activityArn"])


def end(machines: Machines, arn: str) -> tuple[dict[str, Any], list[str]]:
    """The ended execution and the types of its events."""
    execution = machines.wait_for_end(arn)
    return execution, [event["type"] for event in machines.events(arn)]


def test_a_token_ends_its_task_with_an_output(machines: Machines, queue: Queue) -> None:
    arn = machines.start(queue.waiting())
    machines.states.send_task_success(taskToken=queue.token(), output='{"done": 1}')
    execution, types = end(machines, arn)
    assert execution["output"] == '{"done":1}'
    assert types == [*WAITING, "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"]


@pytest.mark.parametrize("failure", [{}, {"error": "Error"}, {"error": "Error", "cause": "why"}])
def test_a_token_ends_its_task_with_a_failure(
    machines: Machines, queue: Queue, failure: dict[str, str]
) -> None:
    arn = machines.start(queue.waiting())
    machines.states.send_task_failure(taskToken=queue.token(), **failure)
    execution, types = end(machines, arn)
    assert {name: execution[name] for name in ("error", "cause") if name in execution} == failure
    assert types == [*WAITING, "TaskFailed", "ExecutionFailed"]


def test_a_task_without_heartbeats_times_out(machines: Machines, queue: Queue) -> None:
    arn = machines.start(queue.waiting(HeartbeatSeconds=1, TimeoutSeconds=600))
    execution, types = end(machines, arn)
    assert execution["error"] == "States.Timeout"
    assert types == [*WAITING, "TaskTimedOut", "ExecutionFailed"]


def test_a_worker_fetches_a_task_and_ends_it(machines: Machines, activity: str) -> None:
    states = machines.states
    work = {"Type": "Task", "Resource": activity, "TimeoutSeconds": 60}
    arn = machines.start(machine(Work=work), {"given": 1})
    fetched = states.get_activity_task(activityArn=activity, workerName="worker")
    assert fetched["input"] == '{"given":1}'
    states.send_task_failure(taskToken=fetched["taskToken"], error="Error", cause="why")
    execution, types = end(machines, arn)
    assert (execution["error"], execution["cause"]) == ("Error", "why")
    assert types[2:] == [
        "ActivityScheduled",
        "ActivityStarted",
        "ActivityFailed",
        "ExecutionFailed",
    ]


def test_a_worker_gets_no_task_of_an_execution_that_has_ended(
    machines: Machines, activity: str
) -> None:
    states = machines.states
    definition = machine(Work={"Type": "Task", "Resource": activity, "TimeoutSeconds": 60})
    stopped = machines.start(definition, "stopped")
    machines.wait_for_event(stopped, "ActivityScheduled")
    states.stop_execution(executionArn=stopped)
    machines.wait_for_end(stopped)
    machines.start(definition, "running")
    assert states.get_activity_task(activityArn=activity)["input"] == "running"
