"""What DescribeEndpoint returns, and the event that each change of an endpoint's status sends."""

from __future__ import annotations

import re
from typing import Any

from moto.core.utils import utcnow
from moto.utilities.arns import parse_arn

from localaws.events import service_events
from localaws.events.service_events import milliseconds
from localaws.json_object import JsonObject
from localaws.persistence import changes
from localaws.sagemaker.variant_server import Plan

CREATING = "Creating"
DELETING = "Deleting"
FAILED = "Failed"
IN_SERVICE = "InService"
ROLLING_BACK = "RollingBack"
UPDATING = "Updating"
IN_PROGRESS = {CREATING, DELETING, ROLLING_BACK, UPDATING}

EVENTS = service_events.Kind("aws.sagemaker", "SageMaker Endpoint State Change")


def set_up(endpoint: Any) -> None:
    """Give moto's endpoint every attribute from the start: other threads read them."""
    endpoint.endpoint_status = CREATING
    endpoint.production_variants = []
    endpoint.data_capture_config = None
    endpoint.last_deployment_config = None
    endpoint.pending_deployment_summary = None


def change(endpoint: Any, status: str, reason: str | None = None) -> None:
    """Change the status between two requests."""
    endpoint.failure_reason = reason
    endpoint.last_modified_time = utcnow()
    if status not in {CREATING, UPDATING}:
        endpoint.pending_deployment_summary = None
    # Last: a waiting client reads the rest as soon as it sees this.
    endpoint.endpoint_status = status
    changes.save_service("sagemaker")
    publish(endpoint)


def begin_deployment(endpoint: Any, config: Any) -> None:
    """Name the configuration that a deployment goes to; also a new process reads it."""
    endpoint.pending_deployment_summary = {
        "EndpointConfigName": config.endpoint_config_name,
        "ProductionVariants": [
            {
                "VariantName": variant["VariantName"],
                "VariantStatus": [{"Status": "Creating", "StartTime": utcnow()}],
            }
            for variant in config.production_variants
        ],
        "StartTime": utcnow(),
    }


def describe_fleet(endpoint: Any, plan: Plan) -> None:
    """Name the configuration that is in service from now on."""
    endpoint.endpoint_config_name = plan.config_name
    endpoint.production_variants = [
        _variant_summary(variant, plan.container_definition(variant)) for variant in plan.variants
    ]
    endpoint.data_capture_config = _capture_summary(plan.capture)


def publish(endpoint: Any) -> None:
    """Send the event of the status that the endpoint has now.

    Its fields: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
    """
    detail = {
        "EndpointName": endpoint.endpoint_name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": endpoint.endpoint_config_name,
        "EndpointStatus": re.sub(r"(?<!^)(?=[A-Z])", "_", endpoint.endpoint_status).upper(),
        "CreationTime": milliseconds(endpoint.creation_time),
        "LastModifiedTime": milliseconds(endpoint.last_modified_time),
        "Tags": {tag["Key"]: tag["Value"] for tag in endpoint.tags},
    }
    if endpoint.failure_reason:
        detail["FailureReason"] = endpoint.failure_reason
    arn = parse_arn(endpoint.arn)
    service_events.publish(arn.account, arn.region, EVENTS, endpoint.arn, lambda: detail)


def _variant_summary(variant: JsonObject, container: Any) -> JsonObject:
    image = container.get("Image", "")
    count = variant.get("InitialInstanceCount", 1)
    weight = variant.get("InitialVariantWeight", 1.0)
    return {
        "VariantName": variant["VariantName"],
        "DeployedImages": [
            {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": utcnow()}
        ],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }


def _capture_summary(config: JsonObject) -> JsonObject | None:
    if not config:
        return None
    enabled = config.get("EnableCapture", False)
    summary = {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
    }
    if config.get("KmsKeyId"):
        summary["KmsKeyId"] = config["KmsKeyId"]
    return summary
