"""The model that the endpoint serves now, whatever was planned: SageMaker's word, not Terraform's outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from scones.handover import Model
from scones.outputs import Outputs
from scones.training import artifact
from scones.training.predictions import Prediction

UNKNOWN = {"ResourceNotFound", "ValidationError", "ValidationException"}
SERVING = {"InService", "Updating", "SystemUpdating", "RollingBack"}


@dataclass(frozen=True)
class LiveModel:
    """Its name, its hand-over where the outputs hold it, and its recorded predictions where it has any."""

    name: str
    handover: Model | None
    predictions: tuple[Prediction, ...] | None


def find(outputs: Outputs, sagemaker: Any, s3: Any) -> LiveModel | None:
    """The live model; None where the endpoint does not serve."""
    name = serving(outputs.endpoint.name, sagemaker)
    if name is None:
        return None
    planned = outputs.model
    if planned and planned.name == name:
        return LiveModel(name, planned, artifact.read_predictions(s3, planned.data_url))
    # After an apply that failed the outputs tell of the model that did not start.
    url = sagemaker.describe_model(ModelName=name)["PrimaryContainer"]["ModelDataUrl"]
    return LiveModel(name, None, artifact.read_predictions(s3, url))


def serving(endpoint: str, sagemaker: Any) -> str | None:
    """Name of the model that the endpoint of this name serves; None where it does not serve."""
    try:
        described = sagemaker.describe_endpoint(EndpointName=endpoint)
    except ClientError as error:
        if error.response["Error"]["Code"] not in UNKNOWN:
            raise
        return None
    if described["EndpointStatus"] not in SERVING:
        return None
    config = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
    return str(config["ProductionVariants"][0]["ModelName"])
