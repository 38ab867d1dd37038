"""The model that the endpoint serves now, whatever was planned, and its artifact on this machine.

SageMaker is asked, not Terraform's outputs: after a failed apply those describe the planned model.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

from container.serving import attribution
from scones.aws import Account, call_or_none
from scones.clients import S3Client, SageMakerClient
from scones.errors import UserError
from scones.handover import Model
from scones.outputs import Outputs
from scones.progress import Progress
from scones.training import artifact
from scones.training.artifact import Prediction

UNKNOWN = {"ResourceNotFound", "ValidationError", "ValidationException"}
SERVING = {"InService", "Updating", "SystemUpdating", "RollingBack"}
FOLDER = "models"


@dataclass(frozen=True)
class LiveModel:
    """The served model; `handover` is None unless it is the model of Terraform's outputs."""

    name: str
    data_url: str
    handover: Model | None
    predictions: tuple[Prediction, ...] | None = None


def find(outputs: Outputs, sagemaker: SageMakerClient) -> LiveModel | None:
    """The live model, without its predictions; None where the endpoint does not serve."""
    served = _find_served(outputs.endpoint.name, sagemaker)
    if served is None:
        return None
    planned = outputs.model
    is_planned = planned is not None and planned.name == served.name
    return LiveModel(served.name, served.data_url, planned if is_planned else None)


def find_with_predictions(
    outputs: Outputs,
    sagemaker: SageMakerClient,
    s3: S3Client,
) -> LiveModel | None:
    """The live model with the recorded predictions of its artifact, where it has any."""
    live = find(outputs, sagemaker)
    if live is None:
        return None
    return replace(live, predictions=artifact.read_predictions(s3, live.data_url))


def find_name(endpoint: str, sagemaker: SageMakerClient) -> str | None:
    """Name of the model that the endpoint of this name serves; None where it does not serve."""
    served = _find_served(endpoint, sagemaker)
    return served.name if served else None


def _find_served(endpoint: str, sagemaker: SageMakerClient) -> LiveModel | None:
    """The model that the endpoint of this name serves; None where it does not serve.

    A SageMaker model is named after the trained model and its settings; the trained model's own
    name is in the environment of its container.
    """
    described = call_or_none(lambda: sagemaker.describe_endpoint(EndpointName=endpoint), UNKNOWN)
    if described is None or described["EndpointStatus"] not in SERVING:
        return None
    config = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
    model_name = config["ProductionVariants"][0]["ModelName"]
    container = sagemaker.describe_model(ModelName=model_name)["PrimaryContainer"]
    name = container.get("Environment", {}).get(attribution.MODEL, model_name)
    return LiveModel(name, container["ModelDataUrl"], None)


def fetch(outputs: Outputs, account: Account, build: Path) -> tuple[str, Path]:
    """Name of the live model, and its model.tar.gz in the folder `build`/models.

    Raises:
        UserError: the endpoint does not serve, or the artifact is gone.
    """
    live = find(outputs, account.client("sagemaker"))
    if live is None:
        raise UserError(
            f"The endpoint {outputs.endpoint.name} does not serve. "
            'Run "make apply" to bring it back.'
        )
    sha256 = live.handover.artifact_sha256 if live.handover else ""
    return live.name, cached_download(account.client("s3"), live.data_url, sha256, build / FOLDER)


def cached_download(s3: S3Client, url: str, sha256: str, folder: Path) -> Path:
    """Return <folder>/<SHA-256>.tar.gz, downloaded from `url` unless it exists.

    An unknown SHA-256 is the empty string.
    """
    path = folder / f"{sha256}.tar.gz"
    if sha256 and path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{os.getpid()}.part"
    try:
        with draft.open("w+b") as file, Progress("Downloading the model", None, "B") as bar:
            artifact.download(s3, url, file, bar.add)
            path = folder / f"{hashlib.file_digest(file, 'sha256').hexdigest()}.tar.gz"
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path
