"""How an execution of the state machine ended, and what it returned for the image."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from container.serving.attribution import Attribution
from scones.json_object import JsonObject

UNSURE = "LowConfidence"
THROTTLED = "Lambda.TooManyRequestsException"
UNNAMED_ERRORS = {"TIMED_OUT": "States.Timeout", "ABORTED": "Aborted"}


@dataclass(frozen=True)
class Outcome:
    """How an execution ended.

    "accepted" and "unsure" have the most likely label, its confidence, the probability of each
    class, and whose answer it is; "unsure" and "failed" have the error's name and its cause, a
    sentence.
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
    attribution: Attribution | None = None

    @property
    def probabilities(self) -> dict[str, float]:
        """By class, as the model that answered names them: all of its classes or the likeliest."""
        if self.label is None or self.confidence is None or self.inferences is None:
            return {}
        classes = self.attribution.classes if self.attribution else ()
        if len(classes) == len(self.inferences):
            return dict(zip(classes, self.inferences, strict=True))
        return {self.label: self.confidence}


def read(description: JsonObject, bucket: str, key: str) -> Outcome:
    """Return the outcome for s3://bucket/key from an ended execution's DescribeExecution."""
    status: Literal["accepted", "unsure", "failed"]
    error = cause = None
    if description["status"] == "SUCCEEDED":
        status = "accepted"
        answer = json.loads(description["output"])
    else:
        error = description.get("error") or UNNAMED_ERRORS.get(description["status"], "Unknown")
        cause = description.get("cause") or f"The execution ended as {description['status']}."
        status = "unsure" if error == UNSURE else "failed"
        answer = _parse_object(cause) if error == UNSURE else {}
        cause = sentence(cause)
    label, confidence, inferences = _parse_answer(answer)
    duration = description["stopDate"] - description["startDate"]
    return Outcome(
        status,
        bucket,
        key,
        label,
        confidence,
        inferences,
        error,
        cause,
        description["executionArn"],
        round(duration.total_seconds() * 1000),
        Attribution.from_json(answer.get("attribution")),
    )


def sentence(cause: str) -> str:
    """Return the readable part of a cause.

    A function's cause is a JSON object with an errorMessage, a service's is plain text.
    """
    fields = _parse_object(cause)
    for name in ("message", "errorMessage", "Message"):
        if isinstance(fields.get(name), str):
            return sentence(fields[name])
    return cause


def remedy(errors: Iterable[str | None]) -> str | None:
    """Return what to do about the errors of failed executions that a quota explains."""
    if THROTTLED not in errors:
        return None
    return (
        "AWS runs only so many functions of this account at a time, 10 in a new one. Request a "
        'higher quota for "Concurrent executions" of AWS Lambda in Service Quotas, or send fewer '
        "images at a time."
    )


def _parse_answer(
    answer: JsonObject,
) -> tuple[str, float, tuple[float, ...]] | tuple[None, None, None]:
    """Return label, confidence and inferences. What inferences mean, only the label tells."""
    if not answer.get("inferences") or not answer.get("label"):
        return None, None, None
    inferences = tuple(float(value) for value in answer["inferences"])
    return str(answer["label"]), float(answer.get("confidence") or max(inferences)), inferences


def _parse_object(text: str) -> JsonObject:
    """Return the JSON object; an empty one where the text is something else."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
