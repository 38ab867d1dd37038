"""Which actions on which resources a request needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.iam import actions, operations
from localaws.server import wsgi

ACCOUNT, REGION = "123456789012", "us-east-1"
JOB = "arn:aws:iam::123456789012:role/job"


def needed(
    service: str,
    method: str,
    path: str,
    body: Any = b"",
    **headers: str,
) -> list[tuple[str, str]]:
    """Action and resource of each call; resources of the account without what all begin with."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    environ = wsgi.environment(method, f"http://127.0.0.1:1{path}", named, content)
    operation = operations.read(environ, service, REGION)
    assert environ["wsgi.input"].read() == content, "it can be read again"
    prefix = f"arn:aws:{service}:{REGION}:{ACCOUNT}:"
    return [
        (call.action, call.resource.removeprefix(prefix))
        for call in actions.calls(operation, ACCOUNT)
    ]


def json_call(service: str, target: str, **parameters: Any) -> list[tuple[str, str]]:
    return needed(service, "POST", "/", parameters, X_Amz_Target=target)


OBJECT = "arn:aws:s3:::bucket/a b/c"
BUCKET = "arn:aws:s3:::bucket"


@pytest.mark.parametrize(
    ("request_line", "headers", "expected"),
    [
        ("GET /bucket/a%20b/c", {}, [("s3:GetObject", OBJECT)]),
        ("HEAD /bucket/a%20b/c", {}, [("s3:GetObject", OBJECT)]),
        ("GET /bucket/a%20b/c?versionId=1", {}, [("s3:GetObjectVersion", OBJECT)]),
        ("DELETE /bucket/a%20b/c?versionId=1", {}, [("s3:DeleteObjectVersion", OBJECT)]),
        ("PUT /bucket/a%20b/c", {}, [("s3:PutObject", OBJECT)]),
        (
            "PUT /bucket/a%20b/c",
            {"x_amz_tagging": "a=b"},
            [("s3:PutObject", OBJECT), ("s3:PutObjectTagging", OBJECT)],
        ),
        (
            "PUT /bucket/a%20b/c",
            {"x_amz_copy_source": "other/key%20two?versionId=3"},
            [("s3:PutObject", OBJECT), ("s3:GetObjectVersion", "arn:aws:s3:::other/key two")],
        ),
        ("POST /bucket/a%20b/c?uploads", {}, [("s3:PutObject", OBJECT)]),
        ("PUT /bucket/a%20b/c?partNumber=1&uploadId=u", {}, [("s3:PutObject", OBJECT)]),
        ("DELETE /bucket/a%20b/c?uploadId=u", {}, [("s3:AbortMultipartUpload", OBJECT)]),
        ("GET /bucket?list-type=2&prefix=a", {}, [("s3:ListBucket", BUCKET)]),
        ("HEAD /bucket", {}, [("s3:ListBucket", BUCKET)]),
        ("GET /bucket?versions", {}, [("s3:ListBucketVersions", BUCKET)]),
        ("GET /bucket?encryption", {}, [("s3:GetEncryptionConfiguration", BUCKET)]),
        ("GET /", {}, [("s3:ListAllMyBuckets", "*")]),
    ],
)
def test_of_s3(request_line: str, headers: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert needed("s3", *request_line.split(), **headers) == expected


def test_of_each_object_that_one_request_deletes() -> None:
    body = b"<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>c</Key></Object></Delete>"
    assert needed("s3", "POST", "/bucket?delete", body) == [
        ("s3:DeleteObject", "arn:aws:s3:::bucket/a&b"),
        ("s3:DeleteObject", "arn:aws:s3:::bucket/c"),
    ]


def test_of_functions_and_endpoints() -> None:
    assert needed("lambda", "POST", "/2015-03-31/functions/f/invocations") == [
        ("lambda:InvokeFunction", "function:f")
    ]
    arn = f"arn%3Aaws%3Alambda%3A{REGION}%3A{ACCOUNT}%3Afunction%3Af"
    assert needed("lambda", "POST", f"/2015-03-31/functions/{arn}/invocations") == [
        ("lambda:InvokeFunction", "function:f")
    ]
    assert needed("sagemaker", "POST", "/endpoints/Scones/invocations", b"\x89PNG") == [
        ("sagemaker:InvokeEndpoint", "endpoint/scones")
    ]


def test_of_the_workflow() -> None:
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:classify"
    url = f"http://127.0.0.1:1/{ACCOUNT}/review"
    assert json_call("states", "AWSStepFunctions.StartExecution", stateMachineArn=machine) == [
        ("states:StartExecution", "stateMachine:classify")
    ]
    assert json_call("sqs", "AmazonSQS.SendMessageBatch", QueueUrl=url) == [
        ("sqs:SendMessage", "review")
    ]
    entries = [{"EventBusName": "drivers"}, {"Source": "scones"}]
    assert json_call("events", "AWSEvents.PutEvents", Entries=entries) == [
        ("events:PutEvents", "event-bus/drivers"),
        ("events:PutEvents", "event-bus/default"),
    ]


def test_of_what_is_named_by_a_list_or_before_it_has_a_number() -> None:
    assert json_call("events", "AWSEvents.DescribeEventBus", Name="drivers") == [
        ("events:DescribeEventBus", "event-bus/drivers")
    ]
    alarms = "GraniteServiceVersion20100801.DeleteAlarms"
    assert json_call("monitoring", alarms, AlarmNames=["drift"]) == [
        ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:drift")
    ]
    assert json_call("monitoring", alarms, AlarmNames=["drift", "latency"]) == [
        ("cloudwatch:DeleteAlarms", "*")
    ]
    package = {"ModelPackageGroupName": "models"}
    assert json_call("sagemaker", "SageMaker.CreateModelPackage", **package) == [
        ("sagemaker:CreateModelPackage", "model-package/models/*")
    ]


def test_of_logs_and_metrics() -> None:
    stream = {"logGroupName": "/aws/lambda/f", "logStreamName": "one"}
    assert json_call("logs", "Logs_20140328.PutLogEvents", **stream) == [
        ("logs:PutLogEvents", "log-group:/aws/lambda/f:log-stream:one")
    ]
    assert json_call("logs", "Logs_20140328.CreateLogGroup", logGroupName="/aws/lambda/f") == [
        ("logs:CreateLogGroup", "log-group:/aws/lambda/f:log-stream:")
    ]
    target = "GraniteServiceVersion20100801.PutMetricData"
    assert json_call("monitoring", target, Namespace="Scones") == [
        ("cloudwatch:PutMetricData", "*")
    ]


def test_a_role_and_tags_need_actions_of_their_own() -> None:
    tags = [{"Key": "project", "Value": "scones"}]
    assert json_call(
        "sagemaker",
        "SageMaker.CreateProcessingJob",
        ProcessingJobName="Drift-1",
        RoleArn=JOB,
        Tags=tags,
    ) == [
        ("sagemaker:CreateProcessingJob", "processing-job/drift-1"),
        ("sagemaker:AddTags", "processing-job/drift-1"),
        ("iam:PassRole", JOB),
    ]
    targets = [{"Id": "a", "RoleArn": JOB}, {"Id": "b"}]
    assert json_call("events", "AWSEvents.PutTargets", Rule="failures", Targets=targets) == [
        ("events:PutTargets", "rule/failures"),
        ("iam:PassRole", JOB),
    ]
    assert json_call("states", "AWSStepFunctions.DescribeStateMachine", roleArn=JOB)[1:] == []


def test_of_forms() -> None:
    form = b"Action=Publish&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Aalerts"
    headers = {"Content_Type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert needed("sns", "POST", "/", form, **headers) == [("sns:Publish", "alerts")]
    form = b"Action=GetRole&RoleName=training"
    assert needed("iam", "POST", "/", form, **headers) == [
        ("iam:GetRole", "arn:aws:iam::123456789012:role/training")
    ]
    form = b"Action=DeleteDashboards&DashboardNames.member.1=workflow"
    dashboard = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:dashboard/workflow"
    assert needed("monitoring", "POST", "/", form, **headers) == [
        ("cloudwatch:DeleteDashboards", dashboard)
    ]
    several = form + b"&DashboardNames.member.2=other"
    assert needed("monitoring", "POST", "/", several, **headers) == [
        ("cloudwatch:DeleteDashboards", "*")
    ]
    assert needed("sts", "POST", "/", b"Action=GetCallerIdentity", **headers) == []
