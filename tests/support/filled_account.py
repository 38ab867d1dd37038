"""An account with one resource of every kind that a target has."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from roles import TRUST, document

from scones.removal import leftovers

TAGS = {"project": "scones", "environment": "dev"}
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch:2"

Client = Callable[[str], Any]


def tag_list() -> list[dict[str, str]]:
    return [{"Key": name, "Value": text} for name, text in TAGS.items()]


def create_job_log_groups(client: Client) -> None:
    """The log groups that the jobs of an account share."""
    for group in leftovers.JOB_LOGS.values():
        client("logs").create_log_group(logGroupName=group)


def fill(client: Client, prefix: str) -> None:
    """One resource of every kind."""
    s3, logs, sagemaker, events = (
        client("s3"),
        client("logs"),
        client("sagemaker"),
        client("events"),
    )
    s3.create_bucket(Bucket=f"{prefix}-data-123456789012")
    s3.put_bucket_tagging(Bucket=f"{prefix}-data-123456789012", Tagging={"TagSet": tag_list()})
    client("iam").create_role(
        RoleName=f"{prefix}-training", AssumeRolePolicyDocument=document([TRUST]), Tags=tag_list()
    )
    role = client("iam").get_role(RoleName=f"{prefix}-training")["Role"]["Arn"]
    client("lambda").create_function(
        FunctionName=f"{prefix}-serialize-image",
        Runtime="python3.12",
        Role=role,
        Handler="serialize_image.lambda_handler",
        Code={"ZipFile": b"zip"},
        Tags=TAGS,
    )
    for group in (
        f"/aws/lambda/{prefix}-serialize-image",
        f"/aws/sagemaker/Endpoints/{prefix}-classifier",
    ):
        logs.create_log_group(logGroupName=group, tags=TAGS)
    for jobs, job in (
        (leftovers.TRAINING_LOGS, "0a1b2c3d-20260101-000000"),
        (leftovers.PROCESSING_LOGS, "drift-0a1b2c"),
    ):
        logs.create_log_stream(logGroupName=jobs, logStreamName=f"{prefix}-{job}/algo-1-1")
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    client("stepfunctions").create_state_machine(
        name=f"{prefix}-classify",
        definition=definition,
        roleArn=role,
        tags=[{"key": k, "value": v} for k, v in TAGS.items()],
    )
    model = f"{prefix}-0a1b2c3d-20260101-000000-89abcdef"
    sagemaker.create_model(
        ModelName=model, ExecutionRoleArn=role, PrimaryContainer={"Image": IMAGE}, Tags=tag_list()
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=model,
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": model,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
        Tags=tag_list(),
    )
    sagemaker.create_endpoint(
        EndpointName=f"{prefix}-classifier", EndpointConfigName=model, Tags=tag_list()
    )
    sagemaker.create_model_package_group(ModelPackageGroupName=f"{prefix}-models", Tags=tag_list())
    sagemaker.create_model_package(
        ModelPackageGroupName=f"{prefix}-models",
        InferenceSpecification={
            "Containers": [{"Image": IMAGE}],
            "SupportedContentTypes": ["image/png"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )
    sagemaker.create_training_job(
        TrainingJobName=f"{prefix}-0a1b2c3d-20260101-000000",
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn=role,
        OutputDataConfig={"S3OutputPath": f"s3://{prefix}-data-123456789012/models"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
        Tags=tag_list(),
    )
    sagemaker.create_processing_job(
        ProcessingJobName=f"{prefix}-drift-0a1b2c",
        AppSpecification={"ImageUri": IMAGE},
        ProcessingResources={
            "ClusterConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
            }
        },
        RoleArn=role,
        Tags=tag_list(),
    )
    alarm = {
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 1.0,
        "Period": 60,
    }
    client("cloudwatch").put_metric_alarm(
        AlarmName=f"{prefix}-errors",
        MetricName="Errors",
        Namespace="AWS/Lambda",
        Statistic="Sum",
        Tags=tag_list(),
        **alarm,
    )
    client("cloudwatch").put_dashboard(
        DashboardName=f"{prefix}-workflow", DashboardBody='{"widgets": []}'
    )
    client("sns").create_topic(Name=f"{prefix}-alerts", Tags=tag_list())
    client("scheduler").create_schedule(
        Name=f"{prefix}-drift",
        ScheduleExpression="rate(6 hours)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:createProcessingJob",
            "RoleArn": role,
        },
    )
    client("sqs").create_queue(QueueName=f"{prefix}-review", tags=TAGS)
    events.create_event_bus(Name=f"{prefix}-drivers", Tags=tag_list())
    pattern = json.dumps({"source": ["scones.workflow"]})
    for bus in ("default", f"{prefix}-drivers"):
        events.put_rule(
            Name=f"{prefix}-{bus[:5]}", EventBusName=bus, EventPattern=pattern, Tags=tag_list()
        )
