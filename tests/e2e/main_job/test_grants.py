"""Every grant of every role: none is missing, and none is idle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import grants
import pytest
import requests
from checkouts import Checkout
from eventually import eventually
from grants import PREFIX, RARELY_NEEDED, denied_without, granted
from paths import ROOT
from roles import document

BROKEN = "uploads/broken.png"


@pytest.fixture(scope="module")
def outputs(checkout: Checkout, main_job: str) -> dict[str, Any]:
    return checkout.outputs()


def invoke(checkout: Checkout, function: str, event: dict[str, Any]) -> dict[str, Any]:
    """The answer of a function, or its error object."""
    answer = checkout.client("lambda").invoke(
        FunctionName=f"{PREFIX}{function}", Payload=json.dumps(event)
    )
    return dict(json.load(answer["Payload"]))


def assume(checkout: Checkout, role: str) -> dict[str, str]:
    """Environment variables with credentials of a role, which the administrator gets for it."""
    credentials = checkout.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    key, secret, token = (credentials["Credentials"][name] for name in names)
    return {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": token,
    }


def client(checkout: Checkout, service: str, variables: dict[str, str]) -> Any:
    """A client with the credentials in these environment variables."""
    create_client: Any = boto3.client  # typed only for names that are literals
    return create_client(
        service,
        endpoint_url=checkout.exports["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=variables["AWS_SESSION_TOKEN"],
    )


def missing_objects(checkout: Checkout, outputs: dict[str, Any]) -> None:
    """Images that are gone before or after the first step, and one that is too large to inline."""
    image = {"s3_bucket": outputs["data_bucket"], "s3_key": "uploads/gone.png"}
    assert invoke(checkout, "serialize-image", image)["errorType"] == "NoSuchObject"
    again = {**image, "image_data": ""}
    assert invoke(checkout, "classify-image", again)["errorType"] == "NoSuchObject"
    present = {**again, "s3_key": min(checkout.handover()["probes"])}
    assert "inferences" in invoke(checkout, "classify-image", present)


def notifications(checkout: Checkout, outputs: dict[str, Any]) -> None:
    """A failure is notified once for each event, and later where that fails at first."""
    s3, iam = checkout.client("s3"), checkout.client("iam")
    bucket, role = outputs["data_bucket"], f"{PREFIX}notify-failure"
    s3.put_object(Bucket=bucket, Key=BROKEN, Body=b"This is a text.")
    execution = checkout.execute(outputs["state_machine_arn"], bucket, BROKEN)
    event = {"detail": {"executionArn": execution["executionArn"]}}
    marker = {"Bucket": bucket, "Key": f"notices/{execution['name']}"}
    eventually(lambda: s3.list_objects_v2(Bucket=bucket, Prefix=marker["Key"])["KeyCount"])
    assert invoke(checkout, "notify-failure", event) == {"notified": False}
    s3.delete_object(**marker)
    policy = iam.get_role_policy(RoleName=role, PolicyName="grants")["PolicyDocument"]
    without = [one for one in policy["Statement"] if one["Sid"] != "Publish"]
    put = {"RoleName": role, "PolicyName": "grants"}
    iam.put_role_policy(**put, PolicyDocument=document(without))
    try:
        error = invoke(checkout, "notify-failure", event)
    finally:
        iam.put_role_policy(**put, PolicyDocument=json.dumps(policy))
    assert error["errorType"] == "AuthorizationErrorException"
    assert "is not authorized to perform: sns:Publish on resource" in error["errorMessage"]
    assert invoke(checkout, "notify-failure", event) == {"notified": True}


def both_ends_of_the_workflow(checkout: Checkout, outputs: dict[str, Any]) -> None:
    """The last state of an accepted image, and that of an unsure one."""
    states, machine = checkout.client("stepfunctions"), outputs["state_machine_arn"]
    described = states.describe_state_machine(stateMachineArn=machine)
    definition = json.loads(described["definition"])
    image = {"s3_bucket": "b", "s3_key": "k", "inferences": [0.6, 0.4]}
    accepted = {
        **image,
        "label": "bicycle",
        "confidence": 0.6,
        "attribution": {"model": "none"},
    }
    unsure = {"image": image, "error": {"errorMessage": json.dumps({"label": "bicycle"})}}
    for name, event in (("Route driver", accepted), ("Queue for review", unsure)):
        alone = {key: value for key, value in definition["States"][name].items() if key != "Next"}
        only = {"StartAt": name, "States": {name: {**alone, "End": True}}}
        part = states.create_state_machine(
            name=name.replace(" ", "-"), definition=json.dumps(only), roleArn=described["roleArn"]
        )["stateMachineArn"]
        started = states.start_execution(stateMachineArn=part, input=json.dumps(event))
        assert wait_for_end(states, started["executionArn"]) == "SUCCEEDED"
        states.delete_state_machine(stateMachineArn=part)


def wait_for_end(states: Any, execution: str) -> str:
    """The status of an execution that has ended."""

    def status() -> str | None:
        found = str(states.describe_execution(executionArn=execution)["status"])
        return None if found == "RUNNING" else found

    return str(eventually(status))


def drift_measurement(checkout: Checkout, folder: Path) -> None:
    """What the scheduler starts, and what its job runs, each under its role."""
    schedule = checkout.client("scheduler").get_schedule(Name=f"{PREFIX}drift")["Target"]
    request = json.loads(schedule["Input"].replace("<aws.scheduler.execution-id>", "one"))
    scheduler = assume(checkout, schedule["RoleArn"])
    client(checkout, "sagemaker", scheduler).create_processing_job(**request)
    name = request["ProcessingJobName"]
    job = checkout.client("sagemaker").describe_processing_job(ProcessingJobName=name)
    assert job["ProcessingJobStatus"] == "Completed", job
    model = folder / "model.tar.gz"
    bucket, _, key = checkout.handover()["data_url"].removeprefix("s3://").partition("/")
    checkout.client("s3").download_file(bucket, key, str(model))
    arguments = request["AppSpecification"]["ContainerArguments"]
    arguments[arguments.index("--model") + 1] = str(model)
    done = subprocess.run(
        [sys.executable, "-P", checkout.folder / "build" / "monitor.zip", *arguments],
        env={
            "PATH": os.environ["PATH"],
            "OMP_NUM_THREADS": "1",
            "AWS_ENDPOINT_URL": checkout.exports["AWS_ENDPOINT_URL"],
            "AWS_DEFAULT_REGION": "us-east-1",
            **assume(checkout, request["RoleArn"]),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def uses(
    checkout: Checkout, outputs: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """The calls of the main job and of what rarely happens, as the local AWS lists them."""
    checkout.make("evaluate", "LIMIT=40")  # the drift monitor needs images
    missing_objects(checkout, outputs)
    notifications(checkout, outputs)
    both_ends_of_the_workflow(checkout, outputs)
    drift_measurement(checkout, tmp_path_factory.mktemp("drift"))
    url = f"{checkout.exports['AWS_ENDPOINT_URL']}/localaws/grants"
    every = requests.get(url, timeout=60).json()
    return [use for use in every if use["role"].startswith(PREFIX)]  # not those of other tests


def test_no_grant_is_missing(uses: list[dict[str, Any]]) -> None:
    denied = {(use["role"], use["action"]) for use in uses if not use["statements"]}
    assert denied == {(f"{PREFIX}notify-failure", "sns:Publish")}, "that was taken away"


def test_a_call_is_denied_without_each_grant_that_is_not_rarely_needed(
    checkout: Checkout, uses: list[dict[str, Any]]
) -> None:
    every = granted(checkout.client("iam"))
    idle = {grant for grant in every if not denied_without(grant, uses)}
    assert idle <= set(RARELY_NEEDED)
    assert set(RARELY_NEEDED) <= set(every)


def test_the_page_lists_every_grant(checkout: Checkout, uses: list[dict[str, Any]]) -> None:
    expected = grants.page(granted(checkout.client("iam")))
    assert (ROOT / "docs" / "permissions.md").read_text() == expected, expected
