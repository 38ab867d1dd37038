"""Services act under the roles of functions, jobs, endpoints, state machines and rule targets."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import requests
from accounts import Account
from deployed_functions import Functions
from eventually import eventually
from machines import Machines, machine, task
from roles import NOTHING, grant, make_role
from serving_endpoints import BUCKET as MODELS
from serving_endpoints import Endpoints
from training_jobs import BUCKET as TRAINING
from training_jobs import Jobs

READER = """
    import boto3
    from botocore.exceptions import ClientError
    def handler(event, context):
        try:
            boto3.client("s3").get_object(Bucket=event, Key="one")
        except ClientError as error:
            return error.response["Error"]
        return boto3.client("sts").get_caller_identity()["Arn"]
"""


def allow(action: str | list[str], resource: str | list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


@pytest.fixture
def role(account: Account) -> str:
    """A role that may do nothing yet: its name."""
    name = f"role-{uuid.uuid4().hex[:8]}"
    make_role(account.client("iam"), name, NOTHING)
    return name


def arn(role: str) -> str:
    return f"arn:aws:iam::123456789012:role/{role}"


def grants_used(account: Account, role: str) -> dict[str, list[str]]:
    """By action: the statements that allowed it; none where it was denied."""
    uses = requests.get(f"{account.url}/localaws/grants", timeout=60).json()
    return {
        use["action"]: [statement["sid"] for statement in use["statements"]]
        for use in uses
        if use["role"] == role
    }


def test_a_function_acts_under_its_role(account: Account, role: str) -> None:
    s3, functions = account.client("s3"), Functions(account)
    s3.create_bucket(Bucket=role)
    s3.put_object(Bucket=role, Key="one", Body=b"1")
    name = functions.deploy(READER)
    functions.client.update_function_configuration(FunctionName=name, Role=arn(role))
    session = f"arn:aws:sts::123456789012:assumed-role/{role}/{name}"
    assert functions.call(name, role) == {
        "Code": "AccessDenied",
        "Message": f"User: {session} is not authorized to perform: s3:GetObject on resource: "
        f'"arn:aws:s3:::{role}/one" because no identity-based policy allows the '
        "s3:GetObject action",
    }
    reading = {**allow("s3:GetObject", f"arn:aws:s3:::{role}/*"), "Sid": "Read"}
    grant(account.client("iam"), role, [reading])
    assert functions.call(name, role) == session
    used = grants_used(account, role)
    assert used["s3:GetObject"] in ([], ["Read"])
    assert used["logs:CreateLogStream"] == []
    groups = functions.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")
    assert groups["logGroups"] == [], "its role may not write a log"


def test_a_job_reads_its_data_under_its_role(account: Account, role: str) -> None:
    account.client("s3").create_bucket(Bucket=TRAINING)
    jobs = Jobs(account)
    statements = [allow("s3:ListBucket", f"arn:aws:s3:::{TRAINING}")]
    grant(account.client("iam"), role, statements)
    job = jobs.ended(jobs.start("", RoleArn=arn(role)))
    denied = f"assumed-role/{role}/SageMaker is not authorized to perform: s3:GetObject on resource"
    assert job["TrainingJobStatus"] == "Failed"
    assert denied in job["FailureReason"]


def test_a_job_writes_its_model_under_its_role(account: Account, role: str) -> None:
    account.client("s3").create_bucket(Bucket=TRAINING)
    jobs = Jobs(account)
    reading = ["s3:ListBucket", "s3:GetObject"]
    grant(account.client("iam"), role, [allow(reading, "*")])
    job = jobs.ended(jobs.start("", RoleArn=arn(role)))
    assert job["FailureReason"].startswith("ClientError: Artifact upload failed: User: arn:aws:sts")
    assert grants_used(account, role)["s3:PutObject"] == []


def test_an_image_is_pulled_under_the_role_of_its_job(account: Account, role: str) -> None:
    account.client("s3").create_bucket(Bucket=TRAINING)
    jobs = Jobs(account)
    image = {"TrainingImage": "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch:2"}
    statements = [allow("s3:*", "*"), allow("ecr:GetAuthorizationToken", "*")]
    grant(account.client("iam"), role, statements)
    job = jobs.ended(jobs.start("", RoleArn=arn(role), AlgorithmSpecification=image))
    repository = "arn:aws:ecr:us-east-1:763104351884:repository/pytorch"
    assert f"ecr:BatchCheckLayerAvailability on resource: {repository}" in job["FailureReason"]


def test_an_endpoint_writes_captures_and_logs_under_the_role_of_its_model(
    account: Account,
) -> None:
    endpoints = Endpoints(account)
    iam = account.client("iam")
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{MODELS}/denied",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    grant(iam, "serving", [allow("s3:GetObject", "*"), allow("logs:*", "*")])
    try:
        name = endpoints.serving(capture=capture)
        assert endpoints.ask(name)["model"] == "first"
        group = f"/aws/sagemaker/Endpoints/{name}"

        def complaint() -> list[str]:
            events = endpoints.logs.filter_log_events(logGroupName=group)["events"]
            return [event["message"] for event in events if "capture" in event["message"]]

        [message] = eventually(complaint)
        assert "Data capture failed: User: arn:aws:sts::" in message
        assert "s3:PutObject" in message
        listing = account.client("s3").list_objects_v2(Bucket=MODELS, Prefix="denied/")
        assert listing["KeyCount"] == 0
    finally:
        make_role(iam, "serving")
        endpoints.delete_all()


def test_a_task_that_the_role_may_not_do_fails_with_the_sentence(
    account: Account, role: str
) -> None:
    machines = Machines(account)
    queue = account.client("sqs").create_queue(QueueName=role)["QueueUrl"]
    send = task("sqs:sendMessage", {"QueueUrl": queue, "MessageBody": "text"})
    created = machines.states.create_state_machine(
        name=role, definition=json.dumps(machine(Send=send)), roleArn=arn(role)
    )["stateMachineArn"]

    def run() -> dict[str, Any]:
        started = machines.states.start_execution(stateMachineArn=created)
        return machines.wait_for_end(started["executionArn"])

    denied = f"assumed-role/{role}/states is not authorized to perform: sqs:SendMessage"
    assert denied in run()["cause"]
    grant(account.client("iam"), role, [allow("sqs:SendMessage", "*")])
    assert run()["status"] == "SUCCEEDED"


def test_a_rule_starts_a_state_machine_under_the_role_of_its_target(
    account: Account, role: str
) -> None:
    events, machines = account.client("events"), Machines(account)
    target = machines.make(machine(Pass={"Type": "Pass"}))
    events.put_rule(Name=role, EventPattern=json.dumps({"source": [role]}))
    events.put_targets(Rule=role, Targets=[{"Id": "m", "Arn": target, "RoleArn": arn(role)}])
    entry = {"Source": role, "DetailType": "Test", "Detail": "{}"}

    def executions() -> list[Any]:
        return list(machines.states.list_executions(stateMachineArn=target)["executions"])

    events.put_events(Entries=[entry])
    eventually(lambda: grants_used(account, role).get("states:StartExecution") == [])
    assert executions() == []
    grant(account.client("iam"), role, [allow("states:StartExecution", target)])
    events.put_events(Entries=[entry])
    assert len(eventually(executions)) == 1
