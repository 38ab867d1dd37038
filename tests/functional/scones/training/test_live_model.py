"""Which model serves now, as SageMaker reports it, against moto in this process."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import replace
from typing import Any

import boto3
import example_model
import pytest
from paths import EXAMPLE_OUTPUTS

from scones.handover import Model
from scones.outputs import Outputs
from scones.training import live_model
from scones.training.artifact import Prediction
from scones.training.live_model import LiveModel

OUTPUTS = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
BUCKET = OUTPUTS.data_bucket
ROLE = "arn:aws:iam::123456789012:role/scones-local-serving"
ANSWERS = (Prediction("test/a.png", "aa", "bicycle", "motorcycle"),)
MODEL = replace(
    example_model.MODEL,
    name="scones-local-live",
    data_url=f"s3://{BUCKET}/models/live/output/model.tar.gz",
)


def planned(model: Model | None) -> Outputs:
    """The outputs of a target whose last apply, be it a failed one, was to serve the model."""
    return replace(OUTPUTS, model=model)


@pytest.fixture
def sagemaker(aws: boto3.session.Session) -> Any:
    return aws.client("sagemaker")


def put_artifact(s3: Any) -> None:
    image = {"key": "test/a.png", "sha256": "aa", "label": 0, "probabilities": [0.1, 0.9]}
    content = json.dumps({"classes": ["bicycle", "motorcycle"], "images": [image]}).encode()
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tarball:
        member = tarfile.TarInfo("predictions.json")
        member.size = len(content)
        tarball.addfile(member, io.BytesIO(content))
    s3.put_object(Bucket=BUCKET, Key="models/live/output/model.tar.gz", Body=file.getvalue())


def serve(sagemaker: Any) -> None:
    container = {
        "Image": MODEL.image_uri,
        "ModelDataUrl": MODEL.data_url,
        "Environment": {"SCONES_MODEL": MODEL.name},
    }
    pair = f"{MODEL.name}-a1b2c3"
    sagemaker.create_model(ModelName=pair, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    variant = {"VariantName": "AllTraffic", "ModelName": pair, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName=pair,
        ProductionVariants=[{**variant, "InitialInstanceCount": 1}],
    )
    sagemaker.create_endpoint(
        EndpointName=OUTPUTS.endpoint.name, EndpointConfigName=f"{MODEL.name}-a1b2c3"
    )


class Unready:
    """SageMaker while it creates the endpoint, or after it failed to."""

    def __init__(self, status: str) -> None:
        self.status = status

    def describe_endpoint(self, **_: str) -> dict[str, str]:
        return {"EndpointStatus": self.status, "EndpointConfigName": "planned"}


def test_without_an_endpoint_nothing_is_live(s3: Any, sagemaker: Any) -> None:
    assert live_model.find_with_predictions(planned(None), sagemaker, s3) is None
    assert live_model.find_with_predictions(planned(MODEL), sagemaker, s3) is None


@pytest.mark.parametrize("status", ["Creating", "Failed", "OutOfService", "Deleting"])
def test_an_endpoint_that_does_not_serve_makes_nothing_live(s3: Any, status: str) -> None:
    assert live_model.find_with_predictions(planned(MODEL), Unready(status), s3) is None


def test_the_live_model_comes_with_its_handover_and_its_answers(s3: Any, sagemaker: Any) -> None:
    put_artifact(s3)
    serve(sagemaker)
    assert live_model.find_with_predictions(planned(MODEL), sagemaker, s3) == LiveModel(
        MODEL.name, MODEL.data_url, MODEL, ANSWERS
    )


@pytest.mark.parametrize(
    "outputs",
    [planned(replace(MODEL, name="never-started", data_url="s3://no/model.tar.gz")), planned(None)],
)
def test_where_the_outputs_name_another_model_the_answers_are_those_of_the_served_one(
    s3: Any, sagemaker: Any, outputs: Outputs
) -> None:
    put_artifact(s3)
    serve(sagemaker)
    assert live_model.find_with_predictions(outputs, sagemaker, s3) == LiveModel(
        MODEL.name, MODEL.data_url, None, ANSWERS
    )


def test_a_live_model_whose_artifact_is_gone_has_no_answers(s3: Any, sagemaker: Any) -> None:
    serve(sagemaker)
    assert live_model.find_with_predictions(planned(MODEL), sagemaker, s3) == LiveModel(
        MODEL.name, MODEL.data_url, MODEL, None
    )
