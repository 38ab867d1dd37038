"""Invocations on the local AWS: answers, errors, limits, the log and the captured data."""

from __future__ import annotations

import base64
import json
import re
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from accounts import Account
from botocore.exceptions import ClientError
from eventually import eventually
from serving_endpoints import BUCKET, INFERENCE, Endpoints, archive


@pytest.fixture
def endpoints(account: Account) -> Iterator[Endpoints]:
    made = Endpoints(account)
    yield made
    made.delete_all()


def capturing(**changes: Any) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/data-capture",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
        **changes,
    }


def test_bytes_that_are_not_text_reach_the_model(endpoints: Endpoints) -> None:
    binary = INFERENCE.replace("return body.decode()", "return body.hex()")
    name = endpoints.create(endpoints.config("binary", archive("binary", binary)))
    endpoints.settled(name)
    answer = endpoints.runtime.invoke_endpoint(
        EndpointName=name, Body=b"\x89PNG\xff\x00", ContentType="text/plain"
    )
    assert json.load(answer["Body"])["text"] == "89504e47ff00"


def test_the_accepted_content_type_reaches_the_model(endpoints: Endpoints) -> None:
    name = endpoints.serving()
    answer = endpoints.runtime.invoke_endpoint(
        EndpointName=name, Body="x", ContentType="text/plain", Accept="text/csv"
    )
    assert answer["ContentType"] == "text/csv"


def test_custom_attributes_are_returned_to_the_caller_and_captured(endpoints: Endpoints) -> None:
    prefix = f"attributes-{uuid.uuid4().hex[:8]}"
    attributing = INFERENCE.replace(
        "def predict_fn(text, model):",
        "def predict_fn(text, model, context):\n"
        "    name = 'X-Amzn-SageMaker-Custom-Attributes'\n"
        "    if text == 'whose': context.set_response_header(0, name, 'mine')\n",
    )
    name = endpoints.create(
        endpoints.config(
            "attributing",
            archive("attributing", attributing),
            capture=capturing(DestinationS3Uri=f"s3://{BUCKET}/{prefix}"),
        )
    )
    endpoints.settled(name)

    def invoke(text: str, **options: str) -> str | None:
        answer = endpoints.runtime.invoke_endpoint(
            EndpointName=name, Body=text, ContentType="text/plain", InferenceId=text, **options
        )
        return answer.get("CustomAttributes")

    assert invoke("whose", CustomAttributes="asked") == "mine"
    assert invoke("nobody's") is None
    metadata = [
        json.loads(line)["eventMetadata"] for line in endpoints.captures(prefix, 2).values()
    ]
    captured = {entry["inferenceId"]: entry.get("customAttributes") for entry in metadata}
    assert captured == {"whose": ["asked", "mine"], "nobody's": None}


@pytest.mark.parametrize(
    ("content_type", "text", "status", "message", "side"),
    [
        ("image/png", "x", 415, "image/png is not text", "client"),
        ("text/plain", "break", 500, "RuntimeError: broken inside", "server"),
    ],
)
def test_a_models_error_comes_with_its_own_status_and_message(
    endpoints: Endpoints, content_type: str, text: str, status: int, message: str, side: str
) -> None:
    name = endpoints.serving()
    with pytest.raises(ClientError) as error:
        endpoints.runtime.invoke_endpoint(EndpointName=name, Body=text, ContentType=content_type)
    response = error.value.response
    assert response["Error"]["Code"] == "ModelError"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert (response["OriginalStatusCode"], response["OriginalMessage"]) == (status, message)
    assert response["LogStreamArn"].endswith(f":log-group:/aws/sagemaker/Endpoints/{name}")
    expected = f'Received {side} error ({status}) from primary with message "{message}"'
    assert response["Error"]["Message"].startswith(expected)


def test_a_model_that_dies_gives_a_model_error_without_status(endpoints: Endpoints) -> None:
    dying = INFERENCE.replace('raise RuntimeError("broken inside")', "os._exit(9)")
    name = endpoints.create(endpoints.config("dying", archive("dying", dying)))
    endpoints.settled(name)
    with pytest.raises(ClientError) as error:
        endpoints.ask(name, "break")
    assert (error.value.response["Error"]["Code"], error.value.response["OriginalStatusCode"]) == (
        "ModelError",
        0,
    )


def test_an_endpoint_or_variant_that_is_not_there_is_a_validation_error(
    endpoints: Endpoints,
) -> None:
    with pytest.raises(ClientError) as error:
        endpoints.ask("not-there")
    assert error.value.response["Error"]["Code"] == "ValidationError"
    assert (
        error.value.response["Error"]["Message"]
        == "Endpoint not-there of account 123456789012 not found."
    )
    name = endpoints.serving()
    assert endpoints.ask(name, TargetVariant="AllTraffic")["model"] == "first"
    with pytest.raises(ClientError, match="Variant Other not found"):
        endpoints.ask(name, TargetVariant="Other")


def test_a_payload_over_25_megabytes_is_refused(endpoints: Endpoints) -> None:
    name = endpoints.serving()
    assert endpoints.ask(name, "x" * (25 * 1024 * 1024))["model"] == "first"
    with pytest.raises(ClientError) as error:
        endpoints.ask(name, "x" * (25 * 1024 * 1024 + 1))
    assert error.value.response["Error"]["Code"] == "ValidationError"


def test_what_the_container_prints_is_in_the_log_and_a_deleted_group_stays_deleted(
    endpoints: Endpoints,
) -> None:
    loud = INFERENCE.replace("if text", "print('seen', text)\n    if text", 1)
    config = endpoints.config("loud", archive("loud", loud))
    name = f"endpoint-{uuid.uuid4().hex[:8]}"
    group = f"/aws/sagemaker/Endpoints/{name}"
    endpoints.logs.create_log_group(logGroupName=group)  # as Terraform does
    endpoints.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    endpoints.made.append(name)
    endpoints.settled(name)
    endpoints.ask(name, "me")
    events = eventually(lambda: endpoints.logs.filter_log_events(logGroupName=group)["events"])
    assert [event["message"] for event in events] == ["seen me"]
    assert re.fullmatch(r"AllTraffic/i-[0-9a-f]{17}", events[0]["logStreamName"])
    endpoints.logs.delete_log_group(logGroupName=group)
    endpoints.ask(name, "again")
    time.sleep(0.3)
    assert not endpoints.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]


def test_captured_files_have_the_real_layout_and_fields(endpoints: Endpoints) -> None:
    prefix = f"capture-{uuid.uuid4().hex[:8]}"
    name = endpoints.serving(capture=capturing(DestinationS3Uri=f"s3://{BUCKET}/{prefix}/"))
    endpoints.ask(name, "hello", InferenceId="my-id")
    [(key, content)] = endpoints.captures(prefix).items()
    assert re.fullmatch(
        rf"{prefix}/{name}/AllTraffic/\d{{4}}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{{3}}-[0-9a-f-]{{36}}\.jsonl",
        key,
    )
    assert content.endswith(b'"},"eventVersion":"0"}\n')
    record = json.loads(content)
    request, answer = (
        record["captureData"]["endpointInput"],
        record["captureData"]["endpointOutput"],
    )
    assert list(record) == ["captureData", "eventMetadata", "eventVersion"]
    assert list(request.items()) == [
        ("observedContentType", "text/plain"),
        ("mode", "INPUT"),
        ("data", base64.b64encode(b"hello").decode()),
        ("encoding", "BASE64"),
    ]
    assert (answer["observedContentType"], answer["mode"], answer["encoding"]) == (
        "application/json",
        "OUTPUT",
        "JSON",
    )
    assert json.loads(answer["data"])["text"] == "hello"
    assert list(record["eventMetadata"]) == ["eventId", "inferenceId", "inferenceTime"]
    assert record["eventMetadata"]["inferenceId"] == "my-id"
    assert endpoints.describe(name)["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/{prefix}/",
    }


def test_a_missing_capture_bucket_does_not_affect_the_answer(endpoints: Endpoints) -> None:
    name = endpoints.serving(capture=capturing(DestinationS3Uri="s3://not-there/x"))
    assert endpoints.ask(name)["model"] == "first"


def test_many_invocations_at_once_are_all_answered(endpoints: Endpoints) -> None:
    name = endpoints.serving()
    with ThreadPoolExecutor(32) as pool:
        texts = [
            answer["text"]
            for answer in pool.map(lambda n: endpoints.ask(name, f"n{n}"), range(200))
        ]
    assert texts == [f"n{n}" for n in range(200)]
