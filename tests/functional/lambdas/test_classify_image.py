"""classify_image with a stubbed endpoint and an in-process S3."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from lambda_modules import load_function

BUCKET = "images"
ENDPOINT = "scones-test-classifier"
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


@pytest.fixture
def s3(aws: boto3.session.Session, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("ENDPOINT_NAME", ENDPOINT)
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
def function(s3: Any) -> ModuleType:
    return load_function("classify_image")


@pytest.fixture
def endpoint(function: ModuleType) -> Iterator[Stubber]:
    with Stubber(function.ENDPOINT) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def answer(
    endpoint: Stubber,
    body: bytes,
    image: bytes,
    content_type: str = "image/png",
    attributes: str = "",
    **fields: str,
) -> None:
    """Make the endpoint answer `body`, and expect a request with `image` and `fields`."""
    request = {
        "EndpointName": ENDPOINT,
        "ContentType": content_type,
        "Accept": "application/json",
        "Body": image,
    }
    expected = {**request, **fields}
    response: dict[str, Any] = {"Body": StreamingBody(io.BytesIO(body), len(body))}
    if attributes:
        response["CustomAttributes"] = attributes
    endpoint.add_response("invoke_endpoint", response, expected)


def event(image: bytes = PNG) -> dict[str, object]:
    return {
        "s3_bucket": BUCKET,
        "s3_key": "bike.png",
        "image_data": base64.b64encode(image).decode(),
        "inferences": [],
    }


def test_the_inferences_are_added_and_the_image_is_dropped(
    function: ModuleType, endpoint: Stubber
) -> None:
    answer(endpoint, b"[0.97, 0.03]", PNG)
    classified = function.lambda_handler(event(), None)
    added = {"inferences": [0.97, 0.03], "attribution": None}
    assert classified == {**event(), "image_data": "", **added}


def test_what_the_model_says_of_itself_is_added(function: ModuleType, endpoint: Stubber) -> None:
    attribution = {"model": "scones-1", "threshold": 0.93, "classes": ["bus", "motorcycle"]}
    answer(endpoint, b"[0.97, 0.03]", PNG, attributes=json.dumps(attribution))
    assert function.lambda_handler(event(), None)["attribution"] == attribution


@pytest.mark.parametrize("attributes", ["trace-7", "[7]", "7", '{"model": ', "[" * 1024])
def test_custom_attributes_of_another_container_say_nothing(
    function: ModuleType, endpoint: Stubber, attributes: str
) -> None:
    answer(endpoint, b"[0.97, 0.03]", PNG, attributes=attributes)
    assert function.lambda_handler(event(), None)["attribution"] is None


def test_captured_traffic_carries_the_inference_id_which_is_not_returned(
    function: ModuleType, endpoint: Stubber
) -> None:
    answer(endpoint, b"[0.97, 0.03]", PNG, InferenceId="a-driver")
    assert "inference_id" not in function.lambda_handler(
        {**event(), "inference_id": "a-driver"}, None
    )


@pytest.mark.parametrize(
    ("inference_id", "sent"),
    [("x" * 80, {"InferenceId": "x" * 64}), ("", {}), (None, {}), ("Fahrräder", {})],
    ids=["longer than SageMaker accepts", "empty", "none", "not ASCII"],
)
def test_an_inference_id_is_sent_as_far_as_sagemaker_accepts_it(
    function: ModuleType, endpoint: Stubber, inference_id: str | None, sent: dict[str, str]
) -> None:
    answer(endpoint, b"[0.97, 0.03]", PNG, **sent)
    function.lambda_handler({**event(), "inference_id": inference_id}, None)


@pytest.mark.parametrize(
    ("image", "content_type"),
    [
        (PNG, "image/png"),
        (JPEG + b"pixels", "image/jpeg"),
        (b"GIF89a pixels", "application/x-image"),
    ],
)
def test_the_request_has_the_content_type_of_the_image(
    function: ModuleType, endpoint: Stubber, image: bytes, content_type: str
) -> None:
    answer(endpoint, b"[0.5, 0.5]", image, content_type)
    assert function.lambda_handler(event(image), None)["inferences"] == [0.5, 0.5]


def test_an_image_too_large_to_inline_is_read_from_s3(
    s3: Any, function: ModuleType, endpoint: Stubber
) -> None:
    large = PNG.ljust(3_000_000, b"\0")
    s3.put_object(Bucket=BUCKET, Key="bike.png", Body=large)
    answer(endpoint, b"[0.97, 0.03]", large)
    classified = function.lambda_handler(event(b""), None)
    assert (classified["image_data"], classified["inferences"]) == ("", [0.97, 0.03])


def test_the_log_line_is_json_with_a_constant_message(
    function: ModuleType, endpoint: Stubber, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(endpoint, b"[0.97, 0.03]", PNG)
    function.lambda_handler(event(), None)
    line = json.loads(capsys.readouterr().out)
    assert line == {
        "message": "Image classified",
        "s3_key": "bike.png",
        "bytes": 8,
        "inferences": [0.97, 0.03],
        "attribution": None,
    }


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, "NotAnImage"),
        (415, "NotAnImage"),
        (413, "ImageTooLarge"),
        (500, "EndpointError"),
        (503, "EndpointError"),
    ],
)
def test_the_containers_status_becomes_an_error_by_name(
    function: ModuleType, endpoint: Stubber, status: int, error: str
) -> None:
    original = {"OriginalStatusCode": status, "OriginalMessage": "The container's message."}
    endpoint.add_client_error(
        "invoke_endpoint", "ModelError", "Received an error", 424, modeled_fields=original
    )
    with pytest.raises(getattr(function, error), match="The container's message"):
        function.lambda_handler(event(), None)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ValidationError", 400),
        ("ThrottlingException", 400),
        ("ServiceUnavailable", 503),
        ("InternalFailure", 500),
    ],
)
def test_an_error_of_sagemaker_is_an_endpoint_error(
    function: ModuleType, endpoint: Stubber, code: str, status: int
) -> None:
    endpoint.add_client_error("invoke_endpoint", code, "SageMaker's message.", status)
    with pytest.raises(function.EndpointError, match=f"{ENDPOINT}: SageMaker's message"):
        function.lambda_handler(event(), None)


@pytest.mark.parametrize(
    "failure", [ConnectTimeoutError, ReadTimeoutError, EndpointConnectionError]
)
def test_an_endpoint_out_of_reach_is_an_endpoint_error(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    def out_of_reach(**_: object) -> None:
        raise failure(endpoint_url="https://runtime.sagemaker.invalid")

    monkeypatch.setattr(function.ENDPOINT, "invoke_endpoint", out_of_reach)
    with pytest.raises(function.EndpointError, match=f"{ENDPOINT} does not answer"):
        function.lambda_handler(event(), None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b"[]",
        b'["0.9"]',
        b"[true, false]",
        b"[NaN, 0.5]",
        b"[1e999, 0]",
        b"[[0.9, 0.1]]",
        b"\xff",
    ],
)
def test_an_answer_that_is_not_a_list_of_numbers_is_malformed(
    function: ModuleType, endpoint: Stubber, body: bytes
) -> None:
    answer(endpoint, body, PNG)
    with pytest.raises(function.MalformedAnswer):
        function.lambda_handler(event(), None)


def test_a_deleted_object_is_named(function: ModuleType) -> None:
    with pytest.raises(function.NoSuchObject, match=f"s3://{BUCKET}/bike.png"):
        function.lambda_handler(event(b""), None)


def test_a_deleted_bucket_is_named(function: ModuleType) -> None:
    with pytest.raises(function.NoSuchBucket, match=r"s3://other-images/bike\.png"):
        function.lambda_handler({**event(b""), "s3_bucket": "other-images"}, None)


@pytest.mark.parametrize("key", ["s3_bucket", "s3_key", "image_data"])
def test_missing_keys_are_named(function: ModuleType, key: str) -> None:
    malformed = {name: value for name, value in event().items() if name != key}
    with pytest.raises(function.MissingKeys, match=key):
        function.lambda_handler(malformed, None)


def test_the_endpoint_is_called_once_and_times_out_before_the_function(
    function: ModuleType,
) -> None:
    endpoint, s3 = function.ENDPOINT.meta.config, function.S3.meta.config
    assert endpoint.retries["total_max_attempts"] == 1
    s3_seconds = s3.retries["total_max_attempts"] * (s3.connect_timeout + s3.read_timeout)
    assert endpoint.connect_timeout + endpoint.read_timeout + s3_seconds < 45
