"""Notify the operators of an execution that failed, once, however often its event is delivered.

In:  EventBridge's "Step Functions Execution Status Change": {"detail": {"executionArn": "arn:…"}}
Out: {"notified": true}, or false for low confidence, which is a result, and for a repeated event

The notification names the error, its cause, the image, the execution's page in the console and the
command that redrives the execution.
"""

import json
import os
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

LOW_CONFIDENCE = "LowConfidence"
DEFAULT_ERRORS = {
    "TIMED_OUT": ("States.Timeout", "It ran for longer than the workflow allows."),
    "ABORTED": ("Aborted", "An operator stopped it."),
}
CAUSE_LENGTH = 2_000
SUBJECT_LENGTH = 100  # the limit of SNS

# Four requests of at most 14 s each stay below the function's 60 s.
CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},
)
S3 = boto3.client("s3", config=CONFIG)
SNS = boto3.client("sns", config=CONFIG)
STATES = boto3.client("stepfunctions", config=CONFIG)


class StillRunning(Exception):
    """Step Functions does not show the execution's end yet; Lambda retries in a minute."""


def describe(arn: str) -> dict[str, Any]:
    """Return the ended execution; the event itself may lack the error."""
    execution = STATES.describe_execution(executionArn=arn)
    if execution["status"] == "RUNNING":
        raise StillRunning(f"{arn} is still reported as running.")
    return {**execution}


def error_and_cause(execution: dict[str, Any]) -> tuple[str, str]:
    """Return the name of the error, and its cause as a sentence."""
    default = DEFAULT_ERRORS.get(execution["status"], ("Unknown", "No cause was given."))
    error = execution.get("error") or default[0]
    cause = readable_cause(execution.get("cause") or default[1])
    return error, cause[:CAUSE_LENGTH]


def readable_cause(cause: str) -> str:
    """Return the innermost message: a function's cause is a JSON object with an errorMessage."""
    fields = parse_object(cause)
    for name in ("message", "errorMessage"):
        if isinstance(fields.get(name), str):
            return readable_cause(fields[name])
    return cause


def parse_object(text: str) -> dict[str, Any]:
    """Return the JSON object in `text`; an empty one if there is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def claim(bucket: str, marker: str, request_id: str) -> bool:
    """Return whether this request is the one that notifies.

    Lambda repeats a failed request under the same id, which then finds its own marker.
    """
    try:
        S3.put_object(Bucket=bucket, Key=marker, Body=request_id.encode(), IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
        owner = S3.get_object(Bucket=bucket, Key=marker)["Body"].read()
        return bool(owner.decode() == request_id)
    return True


def publish(execution: dict[str, Any], error: str, cause: str) -> None:
    arn = execution["executionArn"]
    region, state_machine = arn.split(":")[3], arn.split(":")[6]
    image = parse_object(execution.get("input") or "")
    console = f"https://{region}.console.aws.amazon.com/states/home?region={region}"
    text = f"""An execution of the workflow failed.

Image:      s3://{image.get("s3_bucket", "?")}/{image.get("s3_key", "?")}
Error:      {error}
Cause:      {cause}
Execution:  {console}#/v2/executions/details/{arn}

After fixing the cause, redrive it:
make redrive EXECUTION={arn}{os.environ["ON_TARGET"]}
"""
    subject = f"{state_machine}: {error}, {image.get('s3_key', '?')}"
    SNS.publish(TopicArn=os.environ["TOPIC_ARN"], Subject=sns_subject(subject), Message=text)
    line = {"message": "Execution failed", "error": error, "execution": arn}
    print(json.dumps({**line, "s3_key": image.get("s3_key")}))


def sns_subject(text: str) -> str:
    """Return `text` as SNS accepts it: printable ASCII of limited length."""
    printable = [char if char.isascii() and char.isprintable() else "?" for char in text]
    return "".join(printable)[:SUBJECT_LENGTH]


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, bool]:
    execution = describe(event["detail"]["executionArn"])
    error, cause = error_and_cause(execution)
    if execution["status"] == "SUCCEEDED" or error == LOW_CONFIDENCE:
        return {"notified": False}
    bucket, marker = os.environ["BUCKET"], f"notices/{execution['name']}"
    if not claim(bucket, marker, context.aws_request_id):
        return {"notified": False}
    try:
        publish(execution, error, cause)
    except BaseException:
        S3.delete_object(Bucket=bucket, Key=marker)  # so that the next delivery publishes it
        raise
    return {"notified": True}
