"""Tells people of an execution that ended without an answer: one notice each, however often its event comes.

In:  EventBridge's "Step Functions Execution Status Change", of which {"detail": {"executionArn": "arn:…"}} counts
Out: {"notified": true}; false for an unsure picture, which is an answer, and for what was told before

The notice names error, cause and picture, the execution's page in the console and the command that starts it again.
"""

import json
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

UNSURE = "LowConfidence"
UNNAMED = {
    "TIMED_OUT": ("States.Timeout", "It took longer than the workflow gives it."),
    "ABORTED": ("Aborted", "Somebody stopped it."),
}
CAUSE_LENGTH = 2_000
SUBJECT_LENGTH = 100  # as SNS limits it

# Four requests, 14 s each at most, stay below the function's 60 s.
TWICE = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
)
S3, SNS, STATES = (
    boto3.client(service, config=TWICE) for service in ("s3", "sns", "stepfunctions")
)


class StillRunning(Exception):
    """Step Functions does not show the execution's end yet; Lambda tries again in a minute."""


def describe(arn: str) -> dict:
    """The execution as it ended: the event itself need not tell its error."""
    execution = STATES.describe_execution(executionArn=arn)
    if execution["status"] == "RUNNING":
        raise StillRunning(f"{arn} is still shown as running.")
    return execution


def why(execution: dict) -> tuple[str, str]:
    """Name of the error, and its cause as a sentence."""
    error, cause = UNNAMED.get(execution["status"], ("Unknown", "No cause was given."))
    return execution.get("error") or error, sentence(execution.get("cause") or cause)[:CAUSE_LENGTH]


def sentence(cause: str) -> str:
    """The readable part: a function's cause is a JSON object with an errorMessage."""
    fields = parsed(cause)
    told = [fields[key] for key in ("message", "errorMessage") if isinstance(fields.get(key), str)]
    return sentence(told[0]) if told else cause


def parsed(text: str) -> dict:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def claimed(marker: dict[str, str], request: str) -> bool:
    """Whether this request is the one that tells; Lambda repeats a failed request under the same id."""
    try:
        S3.put_object(**marker, Body=request.encode(), IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
        return S3.get_object(**marker)["Body"].read().decode() == request
    return True


def publish(execution: dict, error: str, cause: str) -> None:
    arn, given = execution["executionArn"], parsed(execution.get("input") or "")
    region = arn.split(":")[3]
    console = f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/{arn}"
    text = f"""A picture went through the workflow without an answer.

Picture:    s3://{given.get("s3_bucket", "?")}/{given.get("s3_key", "?")}
Error:      {error}
Cause:      {cause}
Execution:  {console}

Once the cause is mended, start it again:
make redrive EXECUTION={arn}{os.environ["ON_TARGET"]}
"""
    subject = f"{arn.split(':')[6]}: {error}, {given.get('s3_key', '?')}"
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() else "?" for letter in subject
    )
    SNS.publish(TopicArn=os.environ["TOPIC_ARN"], Subject=plain[:SUBJECT_LENGTH], Message=text)
    fields = {"error": error, "execution": arn, "s3_key": given.get("s3_key")}
    print(json.dumps({"message": "Execution failed", **fields}))


def lambda_handler(event, context):
    execution = describe(event["detail"]["executionArn"])
    error, cause = why(execution)
    marker = {"Bucket": os.environ["BUCKET"], "Key": f"notices/{execution['name']}"}
    if (
        execution["status"] == "SUCCEEDED"
        or error == UNSURE
        or not claimed(marker, context.aws_request_id)
    ):
        return {"notified": False}
    try:
        publish(execution, error, cause)
    except BaseException:
        S3.delete_object(**marker)
        raise
    return {"notified": True}
