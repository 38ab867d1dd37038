"""How an execution of the state machine ended, and what it says about the image."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

UNSURE = "LowConfidence"
UNNAMED_ERRORS = {"TIMED_OUT": "States.Timeout", "ABORTED": "Aborted"}

Verdict = tuple[str, float, tuple[float, ...]] | tuple[None, None, None]


@dataclass(frozen=True)
class Outcome:
    """How an execution ended.

    "accepted" and "unsure" carry the most likely label, its confidence and the probability of each class; "unsure" and
    "failed" carry the error's name and its cause, a sentence.
    """

    status: Literal["accepted", "unsure", "failed"]
    s3_bucket: str
    s3_key: str
    label: str | None
    confidence: float | None
    inferences: tuple[float, ...] | None
    error: str | None
    cause: str | None
    execution_arn: str
    milliseconds: int


def read(description: Mapping[str, Any], bucket: str, key: str, classes: Sequence[str]) -> Outcome:
    """What an ended execution's description (DescribeExecution) says about s3://bucket/key."""
    arn = description["executionArn"]
    milliseconds = round(
        (description["stopDate"] - description["startDate"]).total_seconds() * 1000
    )
    if description["status"] == "SUCCEEDED":
        label, confidence, inferences = _verdict(json.loads(description["output"]), classes)
        return Outcome(
            "accepted", bucket, key, label, confidence, inferences, None, None, arn, milliseconds
        )
    error = description.get("error") or UNNAMED_ERRORS.get(description["status"], "Unknown")
    cause = description.get("cause") or f"The execution ended as {description['status']}."
    if error == UNSURE:
        label, confidence, inferences = _verdict(_object(cause), classes)
        return Outcome(
            "unsure",
            bucket,
            key,
            label,
            confidence,
            inferences,
            error,
            sentence(cause),
            arn,
            milliseconds,
        )
    return Outcome(
        "failed", bucket, key, None, None, None, error, sentence(cause), arn, milliseconds
    )


def sentence(cause: str) -> str:
    """The readable part of a cause: a function's is a JSON object with an errorMessage, a service's is a text."""
    fields = _object(cause)
    for name in ("message", "errorMessage", "Message"):
        if isinstance(fields.get(name), str):
            return sentence(fields[name])
    return cause


def _verdict(answer: Mapping[str, Any], classes: Sequence[str]) -> Verdict:
    """Label, confidence and inferences; what the answer leaves out of the first two follows from the last."""
    if not answer.get("inferences"):
        return None, None, None
    inferences = tuple(float(value) for value in answer["inferences"])
    best = max(range(len(inferences)), key=inferences.__getitem__)
    return (
        str(answer.get("label") or classes[best]),
        float(answer.get("confidence") or inferences[best]),
        inferences,
    )


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
