from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from localaws.sagemaker import capture
from localaws.sagemaker.capture import Exchange

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"

# A line of a real file, with another image.
REAL = (
    '{"captureData":{"endpointInput":{"observedContentType":"image/png","mode":"INPUT","data":"iVBORw0KGgoA/w==",'
    '"encoding":"BASE64"},"endpointOutput":{"observedContentType":"application/json","mode":"OUTPUT",'
    '"data":"[0.9213273525238037, 0.07867266982793808]","encoding":"JSON"}},"eventMetadata":'
    '{"eventId":"8a138155-8061-4189-b3d5-021a297770a8","inferenceTime":"2023-03-04T18:39:38Z"},"eventVersion":"0"}'
)


def exchange(**changes: Any) -> Exchange:
    facts = {
        "content_type": "image/png",
        "body": PNG,
        "answer_type": "application/json",
        "answer": b"[0.9213273525238037, 0.07867266982793808]",
        "inference_id": None,
        "at": datetime(2023, 3, 4, 18, 39, 38, 585_000, tzinfo=UTC),
    }
    return Exchange(**{**facts, **changes})


def config(*modes: str, **changes: Any) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "CaptureOptions": [{"CaptureMode": mode} for mode in modes or ("Input", "Output")],
        "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
        **changes,
    }


def test_a_record_equals_a_real_one_except_for_its_id() -> None:
    record = capture.record(config(), exchange())
    record["eventMetadata"]["eventId"] = "8a138155-8061-4189-b3d5-021a297770a8"
    assert capture.line(record) == REAL + "\n"


def test_content_types_are_captured_as_the_configuration_lists_them() -> None:
    types = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
    listed = config(CaptureContentTypeHeader=types)
    record = capture.record(listed, exchange(content_type="text/csv; charset=utf-8", body=b"1,2"))
    assert record["captureData"]["endpointInput"] == {
        "observedContentType": "text/csv; charset=utf-8",
        "mode": "INPUT",
        "data": "1,2",
        "encoding": "CSV",
    }
    unlisted = capture.record(config(CaptureContentTypeHeader={}), exchange())
    answer = unlisted["captureData"]["endpointOutput"]
    assert (answer["encoding"], json.loads(base64.b64decode(answer["data"]))[0]) == (
        "BASE64",
        0.9213273525238037,
    )


@pytest.mark.parametrize(
    ("modes", "parts"),
    [
        (["Input"], ["endpointInput"]),
        (["Output"], ["endpointOutput"]),
        (["InputAndOutput"], ["endpointInput", "endpointOutput"]),
    ],
)
def test_only_the_configured_sides_are_captured(modes: list[str], parts: list[str]) -> None:
    assert list(capture.record(config(*modes), exchange())["captureData"]) == parts


def test_the_inference_id_comes_before_the_time() -> None:
    metadata = capture.record(config(), exchange(inference_id="mine"))["eventMetadata"]
    assert list(metadata) == ["eventId", "inferenceId", "inferenceTime"]
    assert metadata["inferenceId"] == "mine"


def test_custom_attributes_come_after_the_events_id() -> None:
    metadata = capture.record(config(), exchange(custom_attributes=("asked", "answered")))[
        "eventMetadata"
    ]
    assert list(metadata) == ["eventId", "customAttributes", "inferenceTime"]
    assert metadata["customAttributes"] == ["asked", "answered"]


def test_the_sampling_percentage_is_kept() -> None:
    share = (
        sum(capture.is_sampled(config(InitialSamplingPercentage=30)) for _ in range(5000)) / 5000
    )
    assert share == pytest.approx(0.3, abs=0.05)
    assert all(capture.is_sampled(config()) for _ in range(100))
    assert not any(capture.is_sampled(config(InitialSamplingPercentage=0)) for _ in range(100))
    assert not capture.is_sampled(config(EnableCapture=False))
    assert not capture.is_sampled({})
