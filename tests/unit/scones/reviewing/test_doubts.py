from __future__ import annotations

import json
import re
from typing import Any

import pytest
from paths import ROOT

from scones.reviewing.doubts import Doubt, NotOurs

ARN = "arn:aws:states:us-east-1:123456789012:execution:scones-local-classify:0a1b"
MESSAGE = {
    "s3_bucket": "data",
    "s3_key": "uploads/x.png",
    "inferences": [0.6, 0.4],
    "execution": ARN,
    "label": "bicycle",
    "confidence": 0.6,
    "message": "Most likely bicycle, but 0.6 is below the threshold, 0.93.",
}


def test_a_message_says_what_the_model_thought_of_which_picture() -> None:
    doubt = Doubt.parse(json.dumps(MESSAGE))
    assert (doubt.s3_bucket, doubt.s3_key, doubt.label, doubt.confidence) == (
        "data",
        "uploads/x.png",
        "bicycle",
        0.6,
    )
    assert doubt.inferences == (0.6, 0.4)


def test_captures_know_it_by_the_name_of_the_execution() -> None:
    assert Doubt.parse(json.dumps(MESSAGE)).inference_id == "0a1b"


def test_it_is_read_by_the_names_that_the_state_machine_and_its_function_send() -> None:
    states = json.loads((ROOT / "states" / "classify.asl.json").read_text())["States"]
    picture = {
        name.removesuffix(".$") for name in states["Describe low confidence"]["Parameters"]["image"]
    }
    reason = re.search(
        r"LowConfidence\(json\.dumps\((.*?)\)\)",
        (ROOT / "lambdas" / "filter_confidence.py").read_text(),
    )
    assert reason
    assert picture | set(re.findall(r'"(\w+)":', reason[1])) == set(MESSAGE)


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
def test_anything_else_is_not_ours(body: str, sentence: str) -> None:
    with pytest.raises(NotOurs, match=sentence):
        Doubt.parse(body)


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
def test_a_message_that_is_wrong_in_part_is_not_ours(change: dict[str, Any]) -> None:
    with pytest.raises(NotOurs):
        Doubt.parse(json.dumps({**MESSAGE, **change}))
