"""The proof that the endpoint answers with the model that was planned."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from example_model import MODEL as EXAMPLE_MODEL
from paths import EXAMPLE_OUTPUTS

from scones.errors import UserError
from scones.outputs import Outputs
from scones.provisioning.proof import endpoint_failure, prove

EXAMPLE = Outputs.parse(json.loads(EXAMPLE_OUTPUTS.read_text()))
OUTPUTS = replace(EXAMPLE, endpoint=replace(EXAMPLE.endpoint, config_name="model-1"))
PROBES = {"test/a.png": [0.9, 0.1], "test/b.png": [0.2, 0.8]}
MODEL = replace(EXAMPLE_MODEL, probes=PROBES)


@dataclass(frozen=True)
class Endpoint:
    """An endpoint that answers each image with what it holds for it."""

    answers: dict[str, list[float]]
    config_name: str = "model-1"
    status: str = "InService"
    reason: str = ""

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
        described = {
            "EndpointName": EndpointName,
            "EndpointConfigName": self.config_name,
            "EndpointStatus": self.status,
        }
        return {**described, "FailureReason": self.reason} if self.reason else described

    def invoke_endpoint(self, EndpointName: str, ContentType: str, Body: bytes) -> dict[str, Any]:  # noqa: N803
        assert (EndpointName, ContentType) == (OUTPUTS.endpoint.name, "image/png")
        return {"Body": io.BytesIO(json.dumps(self.answers[Body.decode()]).encode())}


@dataclass(frozen=True)
class Bucket:
    """A bucket whose objects contain their own keys."""

    keys: tuple[str, ...]

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == OUTPUTS.data_bucket
        if Key not in self.keys:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")
        return {"Body": io.BytesIO(Key.encode())}


ALL = Bucket(("test/a.png", "test/b.png"))


def test_the_recorded_probabilities_prove_the_model() -> None:
    endpoint = Endpoint({"test/a.png": [0.9004, 0.0996], "test/b.png": [0.2, 0.8]})
    proof = prove(MODEL, OUTPUTS, endpoint, endpoint, ALL)
    assert (proof.config_name, proof.confirmed, proof.missing) == ("model-1", 2, 0)


def test_other_probabilities_are_another_model() -> None:
    endpoint = Endpoint({"test/a.png": [0.9, 0.1], "test/b.png": [0.25, 0.75]})
    with pytest.raises(UserError, match=r"test/b\.png.*does not serve the model"):
        prove(MODEL, OUTPUTS, endpoint, endpoint, ALL)


def test_an_answer_for_other_classes_is_another_model() -> None:
    endpoint = Endpoint({"test/a.png": [0.9, 0.05, 0.05], "test/b.png": [0.2, 0.8]})
    with pytest.raises(UserError, match="does not serve the model"):
        prove(MODEL, OUTPUTS, endpoint, endpoint, ALL)


def test_images_that_are_no_longer_staged_are_counted() -> None:
    endpoint = Endpoint({"test/a.png": [0.9, 0.1]})
    proof = prove(MODEL, OUTPUTS, endpoint, endpoint, Bucket(("test/a.png",)))
    assert (proof.confirmed, proof.missing) == (1, 1)


def test_an_endpoint_that_was_rolled_back_is_refused() -> None:
    endpoint = Endpoint(
        {}, config_name="model-0", reason="The container did not pass the ping health check."
    )
    with pytest.raises(UserError, match=r"still serves model-0: .*ping.* Planned was model-1"):
        prove(MODEL, OUTPUTS, endpoint, endpoint, ALL)
    assert "ping" in (endpoint_failure(OUTPUTS, endpoint) or "")


def test_an_endpoint_that_failed_is_refused_with_its_reason() -> None:
    endpoint = Endpoint({}, status="Failed", reason="No such image.")
    with pytest.raises(UserError, match=r"is Failed: No such image\."):
        prove(MODEL, OUTPUTS, endpoint, endpoint, ALL)


def test_a_working_endpoint_has_no_failure() -> None:
    assert endpoint_failure(OUTPUTS, Endpoint({})) is None
