from __future__ import annotations

import json
from typing import Any

import pytest
from lambda_modules import load_function
from paths import ROOT

from container.serving.attribution import Attribution
from scones.reviewing.review_request import InvalidRequest, ReviewRequest

ARN = "arn:aws:states:us-east-1:123456789012:execution:scones-local-classify:0a1b"
MESSAGE = {
    "s3_bucket": "data",
    "s3_key": "uploads/x.png",
    "inferences": [0.6, 0.4],
    "execution": ARN,
    "label": "bicycle",
    "confidence": 0.6,
    "attribution": {"model": "scones-1", "threshold": 0.93, "classes": ["bicycle", "motorcycle"]},
    "message": "Most likely bicycle, but 0.6 is below the threshold, 0.93.",
}


def test_a_message_names_the_image_and_the_models_answer() -> None:
    request = ReviewRequest.parse(json.dumps(MESSAGE))
    assert (request.s3_bucket, request.s3_key, request.label, request.confidence) == (
        "data",
        "uploads/x.png",
        "bicycle",
        0.6,
    )
    assert request.inferences == (0.6, 0.4)


def test_the_inference_id_is_the_name_of_the_execution() -> None:
    assert ReviewRequest.parse(json.dumps(MESSAGE)).inference_id == "0a1b"


def test_its_fields_are_those_that_the_state_machine_and_its_function_send() -> None:
    states = json.loads((ROOT / "states" / "classify.asl.json").read_text())["States"]
    fields = {
        name.removesuffix(".$") for name in states["Describe low confidence"]["Parameters"]["image"]
    }
    function = load_function("filter_confidence")
    reason = function.low_confidence("bicycle", 0.6, MESSAGE["attribution"])
    assert fields | json.loads(str(reason)).keys() == set(MESSAGE)


def test_a_message_says_which_model_answered() -> None:
    attribution = ReviewRequest.parse(json.dumps(MESSAGE)).attribution
    assert attribution == Attribution("scones-1", 0.93, ("bicycle", "motorcycle"))


def test_a_message_of_an_earlier_version_says_no_model() -> None:
    message = {name: value for name, value in MESSAGE.items() if name != "attribution"}
    assert ReviewRequest.parse(json.dumps(message)).attribution is None


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "not what the workflow sends"),
        ("hello", "not what the workflow sends"),
        ("[]", "not what the workflow sends"),
        ("7", "not what the workflow sends"),
        ("null", "not what the workflow sends"),
        ("[" * 100_000, "nested too deep"),
        ("{}", "lacks s3_bucket"),
    ],
)
def test_anything_else_is_not_a_review_request(body: str, sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        ReviewRequest.parse(body)


@pytest.mark.parametrize(
    "change",
    [
        {"s3_key": ""},
        {"s3_key": 7},
        {"inferences": None},
        {"inferences": ["much"]},
        {"confidence": "high"},
        {"execution": "run-1"},
        {"execution": "arn:aws:states:us-east-1:123456789012:execution:scones-local-classify:"},
    ],
)
def test_a_message_with_one_wrong_field_is_not_a_review_request(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        ReviewRequest.parse(json.dumps({**MESSAGE, **change}))
