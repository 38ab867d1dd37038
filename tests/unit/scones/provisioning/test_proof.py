"""The proof that the endpoint answers with the model that was planned."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from example_model import MODEL as EXAMPLE_MODEL
from paths import EXAMPLE_OUTPUTS

from container.serving.attribution import Attribution
from scones.errors import UserError
from scones.outputs import Outputs
from scones.provisioning.proof import NoAnswer, prove

EXAMPLE = Outputs.parse(json.loads(EXAMPLE_OUTPUTS.read_text()))
OUTPUTS = replace(EXAMPLE, endpoint=replace(EXAMPLE.endpoint, config_name="model-1"))
PROBES = {"test/a.png": [0.9, 0.1], "test/b.png": [0.2, 0.8]}
MODEL = replace(EXAMPLE_MODEL, probes=PROBES)
ATTRIBUTES = json.dumps(Attribution(MODEL.name, 0.93, MODEL.classes).as_json())


pytestmark = pytest.mark.usefixtures("clock")


@dataclass
class Endpoint:
    """An endpoint that answers each image with what it holds for it.

    Attributes:
        statuses: its status at each look; the last one stays.
        errors: what its first invocations fail with.
        attributes: how its answers name their model.
    """

    answers: dict[str, list[float]]
    config_name: str = "model-1"
    statuses: Sequence[str] = ("InService",)
    errors: Sequence[Exception] = ()
    attributes: str = ATTRIBUTES

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
        status, *later = self.statuses
        self.statuses = later or [status]
        return {
            "EndpointName": EndpointName,
            "EndpointConfigName": self.config_name,
            "EndpointStatus": status,
        }

    def invoke_endpoint(self, EndpointName: str, ContentType: str, Body: bytes) -> dict[str, Any]:  # noqa: N803
        assert (EndpointName, ContentType) == (OUTPUTS.endpoint.name, "image/png")
        if self.errors:
            error, *self.errors = self.errors
            raise error
        body = io.BytesIO(json.dumps(self.answers[Body.decode()]).encode())
        return {"Body": body, "CustomAttributes": self.attributes}


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
RIGHT = {"test/a.png": [0.9, 0.1], "test/b.png": [0.2, 0.8]}


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


@pytest.mark.parametrize(
    "attributes", ["", json.dumps(Attribution("another", 0.93, MODEL.classes).as_json())]
)
def test_answers_must_name_the_model_unless_it_is_the_built_in_algorithms(attributes: str) -> None:
    endpoint = Endpoint(RIGHT, attributes=attributes)
    with pytest.raises(UserError, match=f"do not state that they are by {MODEL.name}"):
        prove(MODEL, OUTPUTS, endpoint, endpoint, ALL)
    built_in = replace(MODEL, algorithm="image-classification")
    assert prove(built_in, OUTPUTS, endpoint, endpoint, ALL).confirmed == 2


def test_images_that_are_no_longer_staged_are_counted() -> None:
    endpoint = Endpoint({"test/a.png": [0.9, 0.1]})
    proof = prove(MODEL, OUTPUTS, endpoint, endpoint, Bucket(("test/a.png",)))
    assert (proof.confirmed, proof.missing) == (1, 1)


@pytest.mark.parametrize(
    ("config_name", "status"),
    [("model-0", "InService"), ("model-1", "Failed")],
)
def test_an_endpoint_that_does_not_serve_what_was_planned_is_refused(
    config_name: str, status: str
) -> None:
    endpoint = Endpoint({}, config_name, [status])
    with pytest.raises(UserError, match=r"does not serve what was planned, model-1"):
        prove(MODEL, OUTPUTS, endpoint, endpoint, ALL)


def test_an_endpoint_that_changes_is_waited_for() -> None:
    endpoint = Endpoint(RIGHT, statuses=["Updating", "Updating", "InService"])
    assert prove(MODEL, OUTPUTS, endpoint, endpoint, ALL).confirmed == 2


def failure(code: str, status: int | None = None) -> ClientError:
    details: Any = {"Error": {"Code": code, "Message": "no luck"}, "OriginalStatusCode": status}
    return ClientError(details if status else {"Error": details["Error"]}, "InvokeEndpoint")


@pytest.mark.parametrize(
    "error",
    [
        failure("ModelError", 500),
        failure("ModelError"),
        failure("ThrottlingException"),
        failure("ServiceUnavailable"),
        failure("ValidationError"),
        ReadTimeoutError(endpoint_url="https://runtime"),
        ConnectionClosedError(endpoint_url="https://runtime"),
    ],
    ids=str,
)
def test_an_answer_that_fails_at_first_is_asked_for_again(error: Exception) -> None:
    endpoint = Endpoint(RIGHT, errors=[error, error])
    assert prove(MODEL, OUTPUTS, endpoint, endpoint, ALL).confirmed == 2
    lasting = Endpoint(RIGHT, errors=[error] * 1000)
    with pytest.raises(NoAnswer, match=f"{OUTPUTS.endpoint.name} does not answer. "):
        prove(MODEL, OUTPUTS, lasting, lasting, ALL)


def test_a_model_that_refuses_the_image_is_asked_once() -> None:
    endpoint = Endpoint(RIGHT, errors=[failure("ModelError", 415)])
    with pytest.raises(NoAnswer, match="does not answer"):
        prove(MODEL, OUTPUTS, endpoint, endpoint, ALL)
    assert list(endpoint.errors) == []


def test_a_request_that_is_not_allowed_is_not_repeated() -> None:
    endpoint = Endpoint(RIGHT, errors=[failure("AccessDeniedException")])
    with pytest.raises(ClientError, match="AccessDenied"):
        prove(MODEL, OUTPUTS, endpoint, endpoint, ALL)


def test_an_account_that_is_gone_is_not_waited_for() -> None:
    endpoint = Endpoint(RIGHT, errors=[EndpointConnectionError(endpoint_url="https://runtime")])
    with pytest.raises(EndpointConnectionError):
        prove(MODEL, OUTPUTS, endpoint, endpoint, ALL)
