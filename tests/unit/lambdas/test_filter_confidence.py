"""filter_confidence: which inferences it accepts, and which are of low confidence."""

from __future__ import annotations

import contextlib
import json
from types import ModuleType

import pytest
from lambda_modules import load_function

ATTRIBUTION = {"model": "scones-1", "threshold": 0.93, "classes": ["bicycle", "motorcycle"]}


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """As Terraform deploys it for a model of ours."""
    monkeypatch.delenv("FALLBACK", raising=False)
    return load_function("filter_confidence")


def event(inferences: object, **changes: object) -> dict[str, object]:
    return {
        "s3_bucket": "images",
        "s3_key": "bike.png",
        "image_data": "",
        "inferences": inferences,
        "attribution": {**ATTRIBUTION, **changes},
    }


def test_a_confident_inference_has_its_label_and_no_image_data(
    function: ModuleType,
) -> None:
    assert function.lambda_handler(event([0.03, 0.97]), None) == {
        "s3_bucket": "images",
        "s3_key": "bike.png",
        "inferences": [0.03, 0.97],
        "attribution": ATTRIBUTION,
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
        "attribution": ATTRIBUTION,
        "message": "Most likely bicycle, but 0.61 is below the threshold, 0.93.",
    }


def test_a_confidence_just_below_the_threshold_is_not_accepted(function: ModuleType) -> None:
    with pytest.raises(function.LowConfidence):
        function.lambda_handler(event([0.9299, 0.0701]), None)


def test_an_answer_means_the_classes_of_the_model_that_gave_it(function: ModuleType) -> None:
    answers = [
        event([0.97, 0.03]),
        event([0.97, 0.03], model="scones-2", classes=["bus", "motorcycle"]),
        event([0.2, 0.1, 0.7], threshold=0.5, classes=["bicycle", "motorcycle", "tractor"]),
    ]
    labels = [function.lambda_handler(answer, None)["label"] for answer in answers]
    assert labels == ["bicycle", "bus", "tractor"]


def test_an_answer_is_judged_by_the_threshold_of_the_model_that_gave_it(
    function: ModuleType,
) -> None:
    assert function.lambda_handler(event([0.91, 0.09], threshold=0.9), None)["label"] == "bicycle"
    with pytest.raises(function.LowConfidence, match=r"0\.91 is below the threshold, 0\.93"):
        function.lambda_handler(event([0.91, 0.09]), None)


def test_a_model_of_many_classes_names_the_most_likely_one(function: ModuleType) -> None:
    many = [0.95] + [0.05 / 999] * 999
    short = {**event(many), "attribution": {"model": "m", "threshold": 0.9, "label": "bicycle"}}
    assert function.lambda_handler(short, None)["label"] == "bicycle"


@pytest.mark.parametrize(
    ("attribution", "reason"),
    [
        (None, "does not say which model gave it"),
        ({}, "does not say which model gave it"),
        ({"trace": "of another container"}, "incomplete"),
        ({**ATTRIBUTION, "threshold": None}, "incomplete"),
        ({**ATTRIBUTION, "threshold": True}, "incomplete"),
        ({**ATTRIBUTION, "model": 7}, "incomplete"),
        ({"model": "scones-1", "threshold": 0.93}, "does not name its classes"),
        ({**ATTRIBUTION, "classes": "bicycle"}, "does not name its classes"),
    ],
)
def test_an_answer_of_unknown_classes_is_never_accepted(
    function: ModuleType, attribution: object, reason: str
) -> None:
    with pytest.raises(function.UnattributedAnswer, match=reason):
        function.lambda_handler({**event([0.97, 0.03]), "attribution": attribution}, None)


def test_an_event_of_an_earlier_version_is_not_accepted(function: ModuleType) -> None:
    earlier = {name: value for name, value in event([0.97, 0.03]).items() if name != "attribution"}
    with pytest.raises(function.UnattributedAnswer):
        function.lambda_handler(earlier, None)


def test_the_fallback_names_the_answers_of_the_built_in_algorithm_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fallback = {"model": "builtin-1", "threshold": 0.5, "classes": ["van", "bicycle"]}
    monkeypatch.setenv("FALLBACK", json.dumps(fallback))
    function = load_function("filter_confidence")
    silent = {**event([0.97, 0.03]), "attribution": None}
    answer = function.lambda_handler(silent, None)
    assert (answer["label"], answer["attribution"]) == ("van", fallback)
    assert function.lambda_handler(event([0.97, 0.03]), None)["label"] == "bicycle"


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
        "model": "scones-1",
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
        ([], "add up to 1"),
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
