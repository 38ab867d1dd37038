"""Tasks that wait for a job or an execution (.sync), as AWS's developer guide describes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from accounts import Account
from botocore.exceptions import ClientError
from eventually import eventually
from machines import Machines, machine, task
from training_jobs import BUCKET, FOLDER, Jobs

SUBMITTED = [
    "ExecutionStarted",
    "TaskStateEntered",
    "TaskScheduled",
    "TaskStarted",
    "TaskSubmitted",
]
TRAIN = "sagemaker:createTrainingJob"
MODEL = FOLDER + "(opt / 'model' / 'weights').write_text('1')"


@pytest.fixture(scope="module")
def machines(account: Account) -> Machines:
    return Machines(account)


@pytest.fixture
def jobs(account: Account) -> Jobs:
    account.client("s3").create_bucket(Bucket=BUCKET)
    return Jobs(account)


def types(machines: Machines, execution: dict[str, Any]) -> list[str]:
    return [event["type"] for event in machines.events(execution["executionArn"])]


def test_a_training_job_is_waited_for(machines: Machines, jobs: Jobs) -> None:
    execution = machines.run(machine(Train=task(f"{TRAIN}.sync", jobs.request(MODEL))))
    job = json.loads(execution["output"])
    assert job["TrainingJobStatus"] == "Completed"
    assert job["ModelArtifacts"]["S3ModelArtifacts"].endswith("model.tar.gz")
    assert isinstance(job["TrainingEndTime"], int)  # in milliseconds
    ended = ["TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"]
    assert types(machines, execution) == SUBMITTED + ended


def test_a_failed_training_job_fails_its_task_with_the_description(
    machines: Machines, jobs: Jobs
) -> None:
    request = jobs.request("raise SystemExit(1)")
    execution = machines.run(machine(Train=task(f"{TRAIN}.sync", request)))
    assert execution["error"] == "States.TaskFailed"
    assert json.loads(execution["cause"])["FailureReason"].startswith("AlgorithmError")
    assert types(machines, execution) == [*SUBMITTED, "TaskFailed", "ExecutionFailed"]


def test_a_stopped_execution_stops_its_training_job(machines: Machines, jobs: Jobs) -> None:
    request = jobs.request("import time; time.sleep(60)")
    arn = machines.start(machine(Train=task(f"{TRAIN}.sync", request)))
    machines.wait_for_event(arn, "TaskSubmitted")
    machines.states.stop_execution(executionArn=arn)
    assert jobs.ended(request["TrainingJobName"])["TrainingJobStatus"] == "Stopped"


def test_without_sync_only_the_request_is_sent(machines: Machines, jobs: Jobs) -> None:
    request = jobs.request(MODEL)
    start = machine(Train=task(TRAIN, request))
    output = json.loads(machines.run(start)["output"])
    assert output["TrainingJobArn"].endswith(request["TrainingJobName"])
    again = machines.run(start)
    assert again["error"] == "SageMaker.ResourceInUseException"
    assert "(Service: AmazonSageMaker; Status Code: 400; " in again["cause"]


def test_an_action_that_the_integration_lacks_is_refused(machines: Machines) -> None:
    with pytest.raises(ClientError, match="not recognized"):
        machines.make(machine(Delete=task("sagemaker:deleteModel", {})))


@pytest.mark.parametrize(
    ("condition", "output"), [(".sync", '{"given":1}'), (".sync:2", {"given": 1})]
)
def test_an_execution_is_waited_for(machines: Machines, condition: str, output: Any) -> None:
    child = machines.make(machine(Echo={"Type": "Pass"}))
    parameters = {"StateMachineArn": child, "Input": {"given": 1}}
    execution = machines.run(machine(Start=task(f"states:startExecution{condition}", parameters)))
    result = json.loads(execution["output"])
    assert (result["Status"], result["Output"]) == ("SUCCEEDED", output)
    assert list(result) == sorted(result)


def test_a_failed_execution_fails_its_task_with_the_description(machines: Machines) -> None:
    child = machines.make(machine(Fail={"Type": "Fail", "Error": "Any", "Cause": "why"}))
    start = task("states:startExecution.sync", {"StateMachineArn": child})
    execution = machines.run(machine(Start=start))
    assert execution["error"] == "States.TaskFailed"
    cause = json.loads(execution["cause"])
    assert (cause["Error"], cause["Cause"], cause["Status"]) == ("Any", "why", "FAILED")


def test_a_stopped_execution_stops_the_one_it_waits_for(machines: Machines) -> None:
    child = machines.make(machine(Wait={"Type": "Wait", "Seconds": 60}))
    start = task("states:startExecution.sync", {"StateMachineArn": child})
    arn = machines.start(machine(Start=start))
    machines.wait_for_event(arn, "TaskSubmitted")
    machines.states.stop_execution(executionArn=arn)

    def stopped() -> bool:
        found = machines.states.list_executions(stateMachineArn=child)["executions"]
        return [one["status"] for one in found] == ["ABORTED"]

    eventually(stopped)
