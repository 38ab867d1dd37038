"""The body of a review queue's message, as the state machine's "Queue for review" sends it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from container.serving.attribution import Attribution


class InvalidRequest(ValueError):
    """The message is not a review request; the text says why."""


@dataclass(frozen=True)
class ReviewRequest:
    """An image with low confidence.

    Attributes:
        inferences: the probabilities of the model's classes.
        attribution: which model that is; None in a message of an earlier version.
        label: the most likely class.
        confidence: its probability.
        message: a sentence for the reviewer.
    """

    s3_bucket: str
    s3_key: str
    execution_arn: str
    inferences: tuple[float, ...]
    label: str
    confidence: float
    message: str
    attribution: Attribution | None = None

    @classmethod
    def parse(cls, body: str) -> ReviewRequest:
        """Read the body of a message.

        Raises:
            InvalidRequest: it is something else.
        """
        try:
            raw = json.loads(body)
            request = cls(
                s3_bucket=_text(raw, "s3_bucket"),
                s3_key=_text(raw, "s3_key"),
                execution_arn=_text(raw, "execution"),
                inferences=tuple(float(value) for value in raw["inferences"]),
                label=_text(raw, "label"),
                confidence=float(raw["confidence"]),
                message=_text(raw, "message"),
                attribution=Attribution.from_json(raw.get("attribution")),
            )
        except RecursionError as error:
            raise InvalidRequest("It is nested too deep.") from error
        except KeyError as error:
            raise InvalidRequest(f"It lacks {error.args[0]}.") from error
        except (ValueError, TypeError) as error:
            raise InvalidRequest("It is not what the workflow sends.") from error
        if not request.inference_id or ":execution:" not in request.execution_arn:
            raise InvalidRequest("Its execution is not an execution's ARN.")
        return request

    @property
    def inference_id(self) -> str:
        """The execution's name, which identifies the image in captures and ground truth."""
        return self.execution_arn.rpartition(":")[2]


def _text(raw: Any, name: str) -> str:
    value = raw[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is not a text.")
    return value
