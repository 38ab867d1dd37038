"""Another project's workflow, as students write it from a course's template, deployed with boto3.

Its functions do what the template's do: the first returns the image as bytes, the last raises a
bare exception below its threshold. Its roles have policies that AWS manages.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from checkouts import ENDPOINT, Checkout
from eventually import eventually

SERIALIZE = """
import base64

import boto3

s3 = boto3.client("s3")


def lambda_handler(event, context):
    s3.download_file(event["s3_bucket"], event["s3_key"], "/tmp/template-image.png")
    with open("/tmp/template-image.png", "rb") as f:
        image_data = base64.b64encode(f.read())
    print("Event:", event.keys())
    return {
        "statusCode": 200,
        "body": {
            "image_data": image_data,
            "s3_bucket": event["s3_bucket"],
            "s3_key": event["s3_key"],
            "inferences": [],
        },
    }
"""
CLASSIFY = """
import base64
import json
import os

import boto3

runtime = boto3.Session().client("sagemaker-runtime")


def lambda_handler(event, context):
    image = base64.b64decode(event["body"]["image_data"])
    response = runtime.invoke_endpoint(
        EndpointName=os.environ["ENDPOINT"], ContentType="image/png", Body=image
    )
    event["body"]["inferences"] = json.loads(response["Body"].read().decode("utf-8"))
    return {"statusCode": 200, "body": event["body"]}
"""
FILTER = """
import os

THRESHOLD = float(os.environ["THRESHOLD"])


def lambda_handler(event, context):
    inferences = event["body"]["inferences"]
    if max(inferences) < THRESHOLD:
        raise Exception("THRESHOLD_CONFIDENCE_NOT_MET")
    return {"statusCode": 200, "body": inferences}
"""
FUNCTIONS = {
    "serializeImageData": SERIALIZE,
    "classifyImage": CLASSIFY,
    "filterInferences": FILTER,
}
MACHINE = "templateWorkflow"
FUNCTION_ROLE = "template-function"
MACHINE_ROLE = "template-machine"
POLICIES = {
    FUNCTION_ROLE: [
        "AmazonS3FullAccess",
        "AmazonSageMakerFullAccess",
        "service-role/AWSLambdaBasicExecutionRole",
    ],
    MACHINE_ROLE: ["service-role/AWSLambdaRole"],
}
SERVICES = {FUNCTION_ROLE: "lambda.amazonaws.com", MACHINE_ROLE: "states.amazonaws.com"}


class TemplateProject:
    """The functions, the state machine and their roles in the account of a checkout."""

    def __init__(self, checkout: Checkout, threshold: float) -> None:
        self._checkout = checkout
        self._environment = {"ENDPOINT": ENDPOINT, "THRESHOLD": str(threshold)}
        self._iam = checkout.client("iam")
        self._lambda = checkout.client("lambda")
        self._logs = checkout.client("logs")
        self._states = checkout.client("stepfunctions")
        self._machine = ""

    def run(self, bucket: str, key: str) -> dict[str, Any]:
        """One execution for s3://bucket/key, after its end."""
        return self._checkout.execute(self._machine, bucket, key)

    def deploy(self) -> None:
        roles = {name: self._create_role(name) for name in POLICIES}
        arns = {}
        for name, code in FUNCTIONS.items():
            function = self._lambda.create_function(
                FunctionName=name,
                Runtime="python3.12",
                Role=roles[FUNCTION_ROLE],
                Handler="lambda_function.lambda_handler",
                Code={"ZipFile": _zipped(code)},
                Environment={"Variables": self._environment},
                Timeout=60,
                MemorySize=512,
            )
            arns[name] = function["FunctionArn"]
            eventually(partial(self._is_active, name))
        self._machine = self._states.create_state_machine(
            name=MACHINE, definition=json.dumps(_definition(arns)), roleArn=roles[MACHINE_ROLE]
        )["stateMachineArn"]

    def _is_active(self, function: str) -> bool:
        configuration = self._lambda.get_function_configuration(FunctionName=function)
        return bool(configuration["State"] == "Active")

    def remove(self) -> None:
        self._states.delete_state_machine(stateMachineArn=self._machine)
        for name in FUNCTIONS:
            self._lambda.delete_function(FunctionName=name)
            self._logs.delete_log_group(logGroupName=f"/aws/lambda/{name}")
        for name, policies in POLICIES.items():
            for policy in policies:
                self._iam.detach_role_policy(RoleName=name, PolicyArn=_managed(policy))
            self._iam.delete_role(RoleName=name)

    def _create_role(self, name: str) -> str:
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": SERVICES[name]},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        role = self._iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        for policy in POLICIES[name]:
            self._iam.attach_role_policy(RoleName=name, PolicyArn=_managed(policy))
        return str(role["Role"]["Arn"])


@contextmanager
def deployed(checkout: Checkout, threshold: float) -> Iterator[TemplateProject]:
    project = TemplateProject(checkout, threshold)
    project.deploy()
    yield project
    project.remove()


def _managed(policy: str) -> str:
    return f"arn:aws:iam::aws:policy/{policy}"


def _definition(arns: dict[str, str]) -> dict[str, Any]:
    """As the console's editor writes it."""
    serialize, classify, judge = (_task(arns[name]) for name in FUNCTIONS)
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Not confident"}]
    return {
        "Comment": "Serialize, classify, filter.",
        "StartAt": "Serialize",
        "States": {
            "Serialize": {**serialize, "Next": "Classify"},
            "Classify": {**classify, "Next": "Filter"},
            "Filter": {**judge, "Catch": catch, "End": True},
            "Not confident": {
                "Type": "Fail",
                "ErrorPath": "$.error.Error",
                "CausePath": "$.error.Cause",
            },
        },
    }


def _task(function: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "OutputPath": "$.Payload",
        "Parameters": {"Payload.$": "$", "FunctionName": f"{function}:$LATEST"},
        "Retry": [
            {
                "ErrorEquals": [
                    "Lambda.ServiceException",
                    "Lambda.AWSLambdaException",
                    "Lambda.SdkClientException",
                    "Lambda.TooManyRequestsException",
                ],
                "IntervalSeconds": 1,
                "MaxAttempts": 3,
                "BackoffRate": 2,
            }
        ],
    }


def _zipped(code: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("lambda_function.py", code)
    return file.getvalue()
