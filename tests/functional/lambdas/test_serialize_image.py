"""serialize_image against an in-process S3."""

from __future__ import annotations

import base64
import json
from types import ModuleType
from typing import Any

import boto3
import pytest
from lambda_modules import load_function

BUCKET = "images"
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
STATE_LIMIT = 262_144


@pytest.fixture
def s3(aws: boto3.session.Session) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
def function(s3: Any) -> ModuleType:
    return load_function("serialize_image")


def event(key: str, **fields: object) -> dict[str, object]:
    return {"s3_bucket": BUCKET, "s3_key": key, **fields}


@pytest.mark.parametrize(
    "content", [PNG + b"pixels", JPEG + b"pixels", b"GIF89a pixels", b"BM pixels"]
)
def test_an_image_is_inlined_as_base64(s3: Any, function: ModuleType, content: bytes) -> None:
    s3.put_object(Bucket=BUCKET, Key="bike", Body=content)
    serialized = function.lambda_handler(event("bike"), None)
    assert serialized == event("bike", image_data=base64.b64encode(content).decode(), inferences=[])


def test_other_fields_of_the_event_are_returned(s3: Any, function: ModuleType) -> None:
    s3.put_object(Bucket=BUCKET, Key="bike.png", Body=PNG)
    assert function.lambda_handler(event("bike.png", shift="night"), None)["shift"] == "night"


def test_the_largest_inlined_image_fits_into_a_state(s3: Any, function: ModuleType) -> None:
    key = "k" * 1000
    s3.put_object(Bucket=BUCKET, Key=key, Body=PNG.ljust(function.INLINE_BYTES, b"\0"))
    serialized = function.lambda_handler(event(key), None)
    assert serialized["image_data"]
    assert len(json.dumps(serialized)) < STATE_LIMIT


def test_a_larger_image_is_passed_by_reference(s3: Any, function: ModuleType) -> None:
    s3.put_object(Bucket=BUCKET, Key="large.png", Body=PNG.ljust(function.INLINE_BYTES + 1, b"\0"))
    assert function.lambda_handler(event("large.png"), None) == event(
        "large.png", image_data="", inferences=[]
    )


def test_the_log_line_is_json_with_a_constant_message(
    s3: Any, function: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.put_object(Bucket=BUCKET, Key="bike.png", Body=PNG)
    function.lambda_handler(event("bike.png"), None)
    line = json.loads(capsys.readouterr().out)
    assert line == {
        "message": "Image serialized",
        "s3_key": "bike.png",
        "bytes": len(PNG),
        "inlined": True,
    }


@pytest.mark.parametrize(
    ("key", "content", "error", "reason"),
    [
        ("empty.png", b"", "EmptyImage", "is empty"),
        ("text.png", b"I am a text.", "NotAnImage", "match no known format"),
        ("large.txt", b"text " * 50_000, "NotAnImage", "match no known format"),
        ("huge.jpg", JPEG.ljust(6_291_457, b"\0"), "ImageTooLarge", "6,291,457 bytes"),
    ],
)
def test_an_object_that_cannot_be_classified_is_rejected_by_name(
    s3: Any, function: ModuleType, key: str, content: bytes, error: str, reason: str
) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    with pytest.raises(getattr(function, error), match=reason):
        function.lambda_handler(event(key), None)


def test_the_largest_image_that_an_endpoint_accepts_is_accepted(
    s3: Any, function: ModuleType
) -> None:
    s3.put_object(Bucket=BUCKET, Key="large.jpg", Body=JPEG.ljust(6_291_456, b"\0"))
    assert function.lambda_handler(event("large.jpg"), None)["image_data"] == ""


@pytest.mark.parametrize("key", ["gone.png", "k" * 1025])
def test_a_missing_object_is_named(function: ModuleType, key: str) -> None:
    with pytest.raises(function.NoSuchObject, match=f"s3://{BUCKET}/{key}"):
        function.lambda_handler(event(key), None)


@pytest.mark.parametrize("bucket", ["other-images", "not a bucket name"])
def test_a_missing_bucket_is_named(function: ModuleType, bucket: str) -> None:
    with pytest.raises(function.NoSuchBucket, match=bucket):
        function.lambda_handler({"s3_bucket": bucket, "s3_key": "bike.png"}, None)


@pytest.mark.parametrize(
    ("malformed", "missing"),
    [
        ({"s3_bucket": BUCKET}, "s3_key"),
        ({"s3_bucket": BUCKET, "s3_key": ""}, "s3_key"),
        ({"s3_bucket": 7, "s3_key": "bike.png"}, "s3_bucket"),
        ({}, "s3_bucket and s3_key"),
        (["bike.png"], "s3_bucket and s3_key"),
        (None, "s3_bucket and s3_key"),
    ],
)
def test_missing_keys_are_named(function: ModuleType, malformed: object, missing: str) -> None:
    with pytest.raises(function.MissingKeys, match=f"lacks {missing};"):
        function.lambda_handler(malformed, None)
