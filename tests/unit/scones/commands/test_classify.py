"""What classify prints: a sentence for a reader, JSON for a program."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from container.serving.attribution import Attribution
from scones.commands.classify import as_json, sentence
from scones.settings import Target
from scones.workflow.outcomes import Outcome

ARN = "arn:aws:states:us-east-1:123456789012:execution:scones-local-classify:0a1b2c3d"
LOCAL, DEV = Target("local", "us-east-1"), Target("dev", "us-east-1")
UNSURE = Outcome(
    status="unsure",
    s3_bucket="bucket",
    s3_key="uploads/a.png",
    label="motorcycle",
    confidence=0.71987654321,
    inferences=(0.28012345679, 0.71987654321),
    error="LowConfidence",
    cause="It is below the threshold.",
    execution_arn=ARN,
    milliseconds=200,
    attribution=Attribution("scones-1", 0.93, ("bicycle", "motorcycle")),
)
FAILED = replace(
    UNSURE,
    status="failed",
    label=None,
    confidence=None,
    inferences=None,
    attribution=None,
    error="NotAnImage",
    cause="s3://bucket/a.png is not an image.",
)


@pytest.mark.parametrize(
    ("outcome", "target", "expected"),
    [
        (UNSURE, LOCAL, "unsure: motorcycle 0.71, below 0.93; make review"),
        (UNSURE, DEV, "unsure: motorcycle 0.71, below 0.93; make review TARGET=dev"),
        (
            replace(UNSURE, confidence=0.92999),
            LOCAL,
            "unsure: motorcycle 0.92, below 0.93; make review",
        ),
        (
            replace(UNSURE, status="accepted", confidence=0.93),
            LOCAL,
            "accepted: motorcycle 0.93, threshold 0.93",
        ),
        (FAILED, LOCAL, "failed: NotAnImage: s3://bucket/a.png is not an image."),
    ],
)
def test_a_reader_gets_one_sentence(outcome: Outcome, target: Target, expected: str) -> None:
    assert sentence(outcome, target) == expected


@pytest.mark.parametrize("width", [None, 80])
def test_the_json_has_every_field_and_four_digits(width: int | None) -> None:
    fields = asdict(UNSURE)
    del fields["attribution"]
    assert json.loads(as_json(UNSURE, width)) == {
        **fields,
        "confidence": 0.7199,
        "inferences": [0.2801, 0.7199],
        "model": "scones-1",
        "threshold": 0.93,
        "classes": ["bicycle", "motorcycle"],
    }


def test_without_an_answer_there_is_no_model() -> None:
    fields = json.loads(as_json(FAILED, None))
    assert (fields["model"], fields["threshold"], fields["classes"]) == (None, None, None)


def test_a_pipe_gets_one_line_and_a_terminal_one_for_each_field() -> None:
    assert "\n" not in as_json(FAILED, None)
    lines = as_json(UNSURE, 60).splitlines()
    assert len(lines) == 2 + len(json.loads(as_json(UNSURE, None)))
    assert f'  "execution_arn": "{ARN}",' in lines, "an ARN is never cut"
    assert max(len(line) for line in lines if ARN not in line) <= 60
