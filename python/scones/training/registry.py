"""The model registry: every trained model is a version in one SageMaker model package group.

A version holds what fits into its metadata: figures and the gate's verdict. The whole hand-over is
stored beside the artifact, so that the model can be handed over again.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from scones import handover
from scones.aws import call_or_none
from scones.cli import say
from scones.clients import ModelApprovalStatusType, S3Client, SageMakerClient
from scones.errors import UserError
from scones.handover import Gate, Model
from scones.json_object import JsonObject
from scones.training import artifact
from scones.training.request import SCRIPT

APPROVED: ModelApprovalStatusType = "Approved"
REJECTED: ModelApprovalStatusType = "Rejected"
HANDOVER = "model.tfvars.json"
CONTENT_TYPES = ["image/png", "image/jpeg", "application/x-image"]
LONGEST_VALUE, LONGEST_REASON = 256, 1024  # characters that SageMaker stores
# SageMaker's CustomerMetadataValue: letters, digits and spaces of any language, and these.
METADATA_CATEGORIES = "LNZ"
METADATA_SIGNS = "_.:/=+-@"


@dataclass(frozen=True)
class Package:
    """A version in the group.

    Attributes:
        reason: why it was approved or rejected.
        facts: figures and origins as text.
    """

    arn: str
    version: int
    model: str
    created: datetime
    status: str
    reason: str
    facts: Mapping[str, str]
    data_url: str


def try_to_register(
    model: Model, group: str, again: str, sagemaker: SageMakerClient, s3: S3Client
) -> None:
    """Register the model, or report why it is not registered and that `again` repeats it.

    A model that is paid for must not depend on its listing.
    """
    with _warn(model, again):
        register(model, group, sagemaker, s3)


def add_missing(
    model: Model, group: str, again: str, sagemaker: SageMakerClient, s3: S3Client
) -> None:
    """Do the same for a model that an earlier attempt left out; others keep their verdict."""
    with _warn(model, again):
        if _find_arn(model.name, group, sagemaker) is None:
            register(model, group, sagemaker, s3)


def register(model: Model, group: str, sagemaker: SageMakerClient, s3: S3Client) -> None:
    """Make the model a version of the group unless it is one, and update its gate's verdict.

    Raises:
        UserError: the group is gone.
    """
    bucket, key = artifact.beside(model.data_url, HANDOVER)
    content = handover.as_json(model).encode()
    s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/json")
    arn = _find_arn(model.name, group, sagemaker)
    if arn is None:
        with _explain_missing(group):
            arn = sagemaker.create_model_package(**_request(model, group))["ModelPackageArn"]
    status, reason = approval(model.gate)
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus=status,
        ApprovalDescription=reason[:LONGEST_REASON],
        CustomerMetadataProperties=facts(model),
    )


def list_packages(group: str, sagemaker: SageMakerClient) -> list[Package]:
    """All versions, newest first.

    Raises:
        UserError: the group is gone.
    """
    return [_describe(summary, sagemaker) for summary in _summaries(group, sagemaker)]


def find(model: str, group: str, sagemaker: SageMakerClient) -> Package | None:
    """The version of that model name, or of that version number."""
    for summary in _summaries(group, sagemaker):
        name, version = summary.get("ModelPackageDescription"), summary["ModelPackageVersion"]
        if model in (name, str(version)):
            return _describe(summary, sagemaker)
    return None


def read(package: Package, s3: S3Client) -> Model:
    """The hand-over of a version, whether or not it was handed over.

    Raises:
        UserError: its artifact or its hand-over is gone from S3.
    """
    if not artifact.exists(s3, package.data_url):
        raise UserError(
            f"The artifact of {package.model}, {package.data_url}, is gone. Promote another model."
        )
    bucket, key = artifact.beside(package.data_url, HANDOVER)
    response = call_or_none(lambda: s3.get_object(Bucket=bucket, Key=key))
    if response:
        # An invalid hand-over is as good as none.
        with suppress(ValueError, KeyError, TypeError):
            return Model.parse(json.loads(response["Body"].read())["model"])
    job = package.facts.get("training_job", "name")
    raise UserError(
        f"s3://{bucket}/{key} does not describe {package.model}. "
        f'Run "make train JOB={job}" to write it again.'
    )


def approval(gate: Gate | None) -> tuple[ModelApprovalStatusType, str]:
    """Status and reason of a version."""
    if gate is None:
        return APPROVED, "No quality gate was applied."
    if gate.passed:
        return APPROVED, "Passed the quality gate."
    missed = "; ".join(gate.missed)
    if gate.forced:
        return APPROVED, f"Handed over by force, although it missed the quality gate: {missed}."
    return REJECTED, f"Missed the quality gate: {missed}."


def facts(model: Model) -> dict[str, str]:
    """What `make models` shows, as text; what was not measured is left out."""
    metrics = model.metrics
    values: dict[str, str | float | None] = {
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
        "test_ece": metrics.test_ece,
    }
    texts = {}
    for name, value in values.items():
        if value is not None:
            text = f"{value:.4g}" if isinstance(value, float) else str(value)
            texts[name] = metadata_value(text)
    return texts


def metadata_value(text: str) -> str:
    """Return `text` as SageMaker stores it: what its pattern refuses becomes an underscore."""
    allowed = [
        character
        if character in METADATA_SIGNS or unicodedata.category(character)[0] in METADATA_CATEGORIES
        else "_"
        for character in text[:LONGEST_VALUE]
    ]
    return "".join(allowed)


def _request(model: Model, group: str) -> JsonObject:
    """The arguments of CreateModelPackage.

    A version of a group has no name of its own, so its description holds the model's.
    """
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
        bucket, key = artifact.beside(model.data_url, artifact.METRICS_FILE)
        statistics = {"ContentType": "application/json", "S3Uri": f"s3://{bucket}/{key}"}
        request["ModelMetrics"] = {"ModelQuality": {"Statistics": statistics}}
    return request


def _find_arn(model: str, group: str, sagemaker: SageMakerClient) -> str | None:
    for summary in _summaries(group, sagemaker):
        if summary.get("ModelPackageDescription") == model:
            return str(summary["ModelPackageArn"])
    return None


def _summaries(group: str, sagemaker: SageMakerClient) -> Iterator[JsonObject]:
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group,
        SortBy="CreationTime",
        SortOrder="Descending",
    )
    with _explain_missing(group):
        for page in pages:
            yield from page["ModelPackageSummaryList"]


@contextmanager
def _warn(model: Model, again: str) -> Iterator[None]:
    """Turn a refusal into a warning; `again` is the command that registers the model later."""
    try:
        yield
    except (ClientError, UserError) as error:
        reason = str(error).rstrip(".")
        say(f'Warning: {model.name} is not in the model registry: {reason}. "{again}" adds it.')


@contextmanager
def _explain_missing(group: str) -> Iterator[None]:
    """Turn the error about a missing group into a UserError."""
    try:
        yield
    except ClientError as error:
        if "does not exist" not in error.response["Error"]["Message"]:
            raise
        raise UserError(
            f'There is no model package group {group}. Run "make apply" to provision it.'
        ) from None


def _describe(summary: JsonObject, sagemaker: SageMakerClient) -> Package:
    description = sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])
    return Package(
        arn=description["ModelPackageArn"],
        version=description["ModelPackageVersion"],
        model=description.get("ModelPackageDescription", ""),
        created=description["CreationTime"],
        status=description["ModelApprovalStatus"],
        reason=description.get("ApprovalDescription", ""),
        facts=description.get("CustomerMetadataProperties", {}),
        data_url=description["InferenceSpecification"]["Containers"][0]["ModelDataUrl"],
    )
