"""The header in which an answer says whose it is, within what SageMaker allows."""

from __future__ import annotations

import json
import string

import pytest
import torch

from container.serving.attribution import HEADER, LIMIT, Attribution, answer_headers, parse

VISIBLE_ASCII = set(string.ascii_letters + string.digits + string.punctuation)
MANY = [f"vehicle_{number}" for number in range(100)]


@pytest.fixture(autouse=True)
def endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCONES_MODEL", "scones-1")
    monkeypatch.setenv("SCONES_THRESHOLD", "0.93")


def attribution(classes: list[str], *probabilities: float) -> Attribution:
    """The attribution of an answer with these probabilities, read back from its header."""
    [(name, text)] = answer_headers(classes, torch.tensor(probabilities)).items()
    assert name == HEADER
    assert len(text) <= LIMIT
    assert set(text) <= VISIBLE_ASCII
    found = parse(text)
    assert found
    return found


def test_an_answer_names_its_model_threshold_and_classes() -> None:
    found = attribution(["bicycle", "motorcycle"], 0.2, 0.8)
    assert found == Attribution("scones-1", 0.93, ("bicycle", "motorcycle"))
    assert found.name_class(1, 2) == "motorcycle"


def test_class_names_may_hold_any_character() -> None:
    classes = ["Fahrrad für zwei", "自転車", 'a "quoted" \\ name']
    assert attribution(classes, 0.1, 0.8, 0.1).classes == tuple(classes)


def test_of_too_many_classes_the_most_likely_one_is_named() -> None:
    probabilities = [0.0] * 100
    probabilities[42] = 1.0
    found = attribution(MANY, *probabilities)
    assert found == Attribution("scones-1", 0.93, (), "vehicle_42")
    assert found.name_class(42, 100) == "vehicle_42"


def test_several_images_of_too_many_classes_have_no_names() -> None:
    [text] = answer_headers(MANY, torch.full((3, 100), 0.01)).values()
    assert parse(text) == Attribution("scones-1", 0.93)


def test_a_name_that_does_not_fit_is_left_out_instead_of_cut() -> None:
    assert attribution(["x" * 2000, "y"], 0.9, 0.1).name_class(0, 2) is None


def test_outside_of_an_endpoint_an_answer_has_no_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCONES_MODEL")
    assert answer_headers(["bicycle", "motorcycle"], torch.tensor([0.2, 0.8])) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "trace-7",
        "7",
        "[]",
        "{}",
        "[" * 100_000,
        json.dumps({"model": "m"}),
        json.dumps({"model": 7, "threshold": 0.9}),
        json.dumps({"model": "m", "threshold": "0.9"}),
        json.dumps({"model": "m", "threshold": 0.9, "classes": "bicycle"}),
        json.dumps({"model": "m", "threshold": 0.9, "label": ["bicycle"]}),
    ],
)
def test_custom_attributes_of_another_kind_are_no_attribution(text: str) -> None:
    assert parse(text) is None
