"""filter_confidence: which inferences it accepts, and which are of low confidence."""

from __future__ import annotations

import contextlib
import json
from types import ModuleType

import pytest
from lambda_modules import load_function


def load(
    monkeypatch: pytest.MonkeyPatch, classes: list[str], threshold: str = "0.93"
) -> ModuleType:
    monkeypatch.setenv("CLASSES", json.dumps(classes))
    monkeypatch.setenv("THRESHOLD", threshold)
    return load_function("filter_confidence")


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load(monkeypatch, ["bicycle", "motorcycle"])


def event(inferences: object) -> dict[str, object]:
    return {
        "s3_bucket": "images",
        "s3_key": "bike.png",
        "image_data": "",
        "inferences": inferences,
    }


def test_a_confident_inference_has_its_label_and_no_image_data(
    function: ModuleType,
) -> None:
    assert function.lambda_handler(event([0.03, 0.97]), None) == {
        "s3_bucket": "images",
        "s3_key": "bike.png",
        "inferences": [0.03, 0.97],
        "label": "motorcycle",
        "confidence": 0.97,
    }


def test_a_confidence_equal_to_the_threshold_is_accepted(function: ModuleType) -> None:
    assert function.lambda_handler(event([0.93, 0.07]), None)["label"] == "bicycle"


def test_low_confidence_carries_its_reason_as_json(function: ModuleType) -> None:
    with pytest.raises(function.LowConfidence) as raised:
        function.lambda_handler(event([0.61, 0.39]), None)
    assert json.loads(str(raised.value)) == {
        "label": "bicycle",
        "confidence": 0.61,
        "message": "Most likely bicycle, but 0.61 is below the threshold, 0.93.",
    }


def test_a_confidence_just_below_the_threshold_is_not_accepted(function: ModuleType) -> None:
    with pytest.raises(function.LowConfidence):
        function.lambda_handler(event([0.9299, 0.0701]), None)


def test_any_number_of_classes_is_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    function = load(monkeypatch, ["bicycle", "motorcycle", "tractor"], threshold="0.5")
    assert function.lambda_handler(event([0.2, 0.1, 0.7]), None)["label"] == "tractor"


@pytest.mark.parametrize(("inferences", "accepted"), [([0.97, 0.03], True), ([0.6, 0.4], False)])
def test_both_results_are_logged_under_one_message(
    function: ModuleType,
    capsys: pytest.CaptureFixture[str],
    inferences: list[float],
    accepted: bool,
) -> None:
    with contextlib.suppress(function.LowConfidence):
        function.lambda_handler(event(inferences), None)
    line = json.loads(capsys.readouterr().out)
    assert line == {
        "message": "Confidence judged",
        "s3_key": "bike.png",
        "label": "bicycle",
        "confidence": inferences[0],
        "accepted": accepted,
    }


def test_rounded_probabilities_are_accepted(function: ModuleType) -> None:
    assert function.lambda_handler(event([0.9996, 0.0009]), None)["label"] == "bicycle"


@pytest.mark.parametrize(
    ("inferences", "reason"),
    [
        ("0.97", "not a list"),
        (None, "not a list"),
        (["0.97", "0.03"], "not a list"),
        ([True, False], "not a list"),
        ([], "0 inferences"),
        ([1.0], "1 inferences"),
        ([0.9, 0.05, 0.05], "3 inferences"),
        ([1.5, -0.5], "add up to 1"),
        ([0.97, 0.5], "add up to 1"),
        ([0.97, 0.028], "add up to 1"),
        ([float("nan"), 0.5], "add up to 1"),
        ([float("inf"), 0.0], "add up to 1"),
    ],
)
def test_inferences_other_than_one_probability_per_class_are_malformed(
    function: ModuleType, inferences: object, reason: str
) -> None:
    with pytest.raises(function.MalformedAnswer, match=reason):
        function.lambda_handler(event(inferences), None)


@pytest.mark.parametrize("key", ["s3_bucket", "s3_key", "inferences"])
def test_missing_keys_are_named(function: ModuleType, key: str) -> None:
    malformed = {name: value for name, value in event([0.97, 0.03]).items() if name != key}
    with pytest.raises(function.MissingKeys, match=key):
        function.lambda_handler(malformed, None)


def test_an_event_that_is_not_an_object_lacks_every_key(function: ModuleType) -> None:
    with pytest.raises(function.MissingKeys, match="s3_bucket, s3_key, inferences"):
        function.lambda_handler([0.97, 0.03], None)
