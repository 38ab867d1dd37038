from __future__ import annotations

import json

import pytest

from localaws.cloudwatch.patterns import PatternError, matcher, select

EVENT = {
    "message": "Confidence judged",
    "s3_key": "uploads/bike-1.png",
    "label": "bicycle",
    "accepted": False,
    "retried": True,
    "confidence": 0.61,
    "status": "503",
    "error": None,
    "a": {"b": [{"c": 7}, "x"], "odd-name": 1},
}


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ('{ $.message = "Confidence judged" && $.accepted IS FALSE }', True),
        ('{ $.message = "Confidence judged" && $.accepted IS TRUE }', False),
        ('{$.message="Confidence judged"}', True),
        ("{ $.label = bicycle }", True),
        ("{ $.label != bicycle }", False),
        ('{ $.label != "motorcycle" }', True),
        ('{ $.s3_key = "uploads/*.png" }', True),
        ("{ $.s3_key = uploads/* }", True),
        ('{ $.s3_key = "*.jpg" }', False),
        ("{ $.s3_key = %bike-[0-9]+% }", True),
        ("{ $.confidence = 0.61 }", True),
        ("{ $.confidence = 6.1e-1 }", True),
        ("{ $.confidence != 0.61 }", False),
        ("{ $.confidence < 0.61 }", False),
        ("{ $.confidence <= 0.61 }", True),
        ("{ $.confidence > 0.5 }", True),
        ("{ $.confidence >= 0.62 }", False),
        ("{ $.confidence = * }", True),
        ("{ $.status > 500 }", False),  # a text, though it looks like a number
        ('{ $.status = "503" }', True),
        ("{ $.retried IS TRUE }", True),
        ("{ $.error IS NULL }", True),
        ("{ $.label IS NULL }", False),
        ("{ $.gone NOT EXISTS }", True),
        ("{ $.error NOT EXISTS }", False),
        ("{ $.gone = x }", False),
        ("{ $.gone != x }", False),
        ("{ $.a.b[0].c = 7 }", True),
        ("{ $.a.b[1] = x }", True),
        ("{ $.a.b[2] = x }", False),
        ("{ $.a['odd-name'] = 1 }", True),
        ("{ $.label = a || $.label = bicycle && $.confidence > 0.5 }", True),
        ("{ ($.label = bicycle || $.label = a) && $.confidence > 0.9 }", False),
        ("{ $.label = bicycle || ($.label = a && $.confidence > 0.9) }", True),
    ],
)
def test_a_json_pattern_matches_or_not(pattern: str, matches: bool) -> None:
    assert matcher(pattern)(json.dumps(EVENT)) is matches


def test_a_json_pattern_ignores_text_that_is_not_a_json_object() -> None:
    assert not matcher("{ $.a NOT EXISTS }")("START RequestId: 1")
    assert not matcher("{ $.a NOT EXISTS }")("[1]")
    assert not matcher("{ $.a NOT EXISTS }")('{"half": ')


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("", True),
        ("ERROR", True),
        ("error", False),
        ("ERROR refused", True),
        ("refused gone", False),
        ('"connection refused"', True),
        ('"refused connection"', False),
        ("ERROR -refused", False),
        ("ERROR -gone", True),
        ("?gone ?ERROR", True),
        ("?gone ?lost", False),
    ],
)
def test_terms_match_or_not(pattern: str, matches: bool) -> None:
    assert matcher(pattern)("[ERROR] connection refused") is matches


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.a = 1",
        "{ }",
        "{ $.a }",
        "{ a = 1 }",
        "{ $.a = }",
        "{ $.a IS MAYBE }",
        "{ $.a > x }",
        "{ ($.a = 1 }",
        "{ $.a = 1 $.b = 2 }",
        "{ $.a = 1 && }",
        "[ip, user]",
        'a "b',
    ],
)
def test_an_invalid_pattern_is_an_error(pattern: str) -> None:
    with pytest.raises(PatternError):
        matcher(pattern)


def test_a_selector_finds_a_value() -> None:
    assert select("$.a.b[0].c", EVENT) == 7
    assert select('$.a["odd-name"]', EVENT) == 1
