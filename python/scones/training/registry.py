"""The registry: every trained model is a version in one model package group, with its figures and its verdict.

A version says what fits into its metadata. The whole hand-over lies beside the artifact, so that the model can be
handed over again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from scones import handover
from scones.errors import UserError
from scones.handover import Gate, Model
from scones.training import artifact
from scones.training.request import SCRIPT

APPROVED, REJECTED = "Approved", "Rejected"
HANDOVER = "model.tfvars.json"
CONTENT_TYPES = ["image/png", "image/jpeg", "application/x-image"]
LONGEST_VALUE, LONGEST_REASON = 256, 1024  # characters that SageMaker keeps


@dataclass(frozen=True)
class Package:
    """A version in the group. `facts` are figures and origins as text; `reason` is why it was approved or rejected."""

    arn: str
    version: int
    model: str
    created: datetime
    status: str
    reason: str
    facts: Mapping[str, str]
    data_url: str


def register(model: Model, group: str, sagemaker: Any, s3: Any) -> None:
    """Make the model a version of the group, unless it is one; either way its gate's verdict is brought up to date.

    Raises:
        UserError: the group is gone.
    """
    content = handover.as_json(model).encode()
    s3.put_object(**_beside(model.data_url, HANDOVER), Body=content, ContentType="application/json")
    named = (
        one
        for one in _summaries(group, sagemaker)
        if one.get("ModelPackageDescription") == model.name
    )
    if found := next(named, None):
        arn = found["ModelPackageArn"]
    else:
        with _in_group(group):
            arn = sagemaker.create_model_package(**_request(model, group))["ModelPackageArn"]
    status, reason = verdict(model.gate)
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus=status,
        ApprovalDescription=reason[:LONGEST_REASON],
        CustomerMetadataProperties=facts(model),
    )


def packages(group: str, sagemaker: Any) -> list[Package]:
    """All versions, the newest first.

    Raises:
        UserError: the group is gone.
    """
    arns = [one["ModelPackageArn"] for one in _summaries(group, sagemaker)]
    return [_package(sagemaker.describe_model_package(ModelPackageName=arn)) for arn in arns]


def find(model: str, group: str, sagemaker: Any) -> Package | None:
    """The version of that model name, or of that number."""
    for one in _summaries(group, sagemaker):
        if model in (one.get("ModelPackageDescription"), str(one["ModelPackageVersion"])):
            return _package(
                sagemaker.describe_model_package(ModelPackageName=one["ModelPackageArn"])
            )
    return None


def read(package: Package, s3: Any) -> Model:
    """The model as it was handed over, or would have been.

    Raises:
        UserError: its artifact or its hand-over is gone from S3.
    """
    if not artifact.exists(s3, package.data_url):
        raise UserError(
            f"The artifact of {package.model}, {package.data_url}, is gone. Promote another model."
        )
    place = _beside(package.data_url, HANDOVER)
    try:
        return Model.parse(json.loads(s3.get_object(**place)["Body"].read())["model"])
    except ClientError as error:
        if error.response["Error"]["Code"] not in artifact.GONE:
            raise
    except (ValueError, KeyError, TypeError):
        pass  # as good as none
    raise UserError(
        f"s3://{place['Bucket']}/{place['Key']} does not describe {package.model}. "
        f'Run "make train JOB={package.facts.get("training_job", "name")}" to write it anew.'
    )


def verdict(gate: Gate | None) -> tuple[str, str]:
    """Status and reason of a version."""
    if gate is None or gate.passed:
        return APPROVED, "Passed the quality gate." if gate else "No quality gate was asked."
    missed = "; ".join(gate.missed)
    if gate.forced:
        return APPROVED, f"Handed over by force, although it missed the quality gate: {missed}."
    return REJECTED, f"Missed the quality gate: {missed}."


def facts(model: Model) -> dict[str, str]:
    """What `make models` shows, as text; what was not measured is left out."""
    metrics = model.metrics
    known: dict[str, object] = {
        "training_job": model.training_job,
        "algorithm": model.algorithm,
        "artifact_sha256": model.artifact_sha256,
        "code_version": model.code_version,
        "data_source": model.data.source,
        "data_sha256": model.data.sha256,
        "data_fingerprint": model.data.fingerprint,
        "drawn": str(model.drawn).lower(),
        "threshold": model.threshold,
        "validation_accuracy": metrics.validation_accuracy,
        "test_accuracy": metrics.test_accuracy,
        "test_accuracy_low": metrics.test_accuracy_low,
        "test_accuracy_high": metrics.test_accuracy_high,
        "test_accepted": metrics.test_accepted,
        "test_accepted_at_precision": metrics.test_accepted_at_precision,
        "test_ece": metrics.test_ece,
    }
    told = {
        name: f"{value:.4g}" if isinstance(value, float) else str(value)
        for name, value in known.items()
        if value is not None
    }
    return {name: text[:LONGEST_VALUE] for name, text in told.items()}


def _request(model: Model, group: str) -> dict[str, Any]:
    """The arguments of CreateModelPackage; a version of a group bears no name, so that its description tells it."""
    container = {"Image": model.image_uri, "ModelDataUrl": model.data_url}
    request: dict[str, Any] = {
        "ModelPackageGroupName": group,
        "ModelPackageDescription": model.name,
        "ModelApprovalStatus": "PendingManualApproval",
        "CustomerMetadataProperties": facts(model),
        "InferenceSpecification": {
            "Containers": [container],
            "SupportedContentTypes": CONTENT_TYPES,
            "SupportedResponseMIMETypes": ["application/json"],
        },
    }
    if model.algorithm == SCRIPT:
        place = _beside(model.data_url, artifact.METRICS_FILE)
        statistics = {
            "ContentType": "application/json",
            "S3Uri": f"s3://{place['Bucket']}/{place['Key']}",
        }
        request["ModelMetrics"] = {"ModelQuality": {"Statistics": statistics}}
    return request


def _summaries(group: str, sagemaker: Any) -> Iterator[Mapping[str, Any]]:
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending"
    )
    with _in_group(group):
        for page in pages:
            yield from page["ModelPackageSummaryList"]


@contextmanager
def _in_group(group: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if "does not exist" not in error.response["Error"]["Message"]:
            raise
        raise UserError(
            f'There is no model package group {group}. Run "make apply" to provision it.'
        ) from None


def _package(described: Mapping[str, Any]) -> Package:
    return Package(
        arn=described["ModelPackageArn"],
        version=described["ModelPackageVersion"],
        model=described.get("ModelPackageDescription", ""),
        created=described["CreationTime"],
        status=described["ModelApprovalStatus"],
        reason=described.get("ApprovalDescription", ""),
        facts=described.get("CustomerMetadataProperties", {}),
        data_url=described["InferenceSpecification"]["Containers"][0]["ModelDataUrl"],
    )


def _beside(data_url: str, name: str) -> dict[str, str]:
    bucket, _, key = data_url.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": f"{key.rpartition('/')[0]}/{name}"}
