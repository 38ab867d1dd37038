"""What a message of the review queue says, as the state machine's "Queue for review" sends it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


class NotOurs(ValueError):
    """The message is something else."""


@dataclass(frozen=True)
class Doubt:
    """A picture that the model was unsure of: where it lies, what asked, and what the model thought.

    `inferences` are the probabilities of the model's classes, `label` the likeliest one and `confidence` its share.
    """

    s3_bucket: str
    s3_key: str
    execution_arn: str
    inferences: tuple[float, ...]
    label: str
    confidence: float
    message: str

    @classmethod
    def parse(cls, body: str) -> Doubt:
        """
        Raises:
            NotOurs: a sentence that says what is wrong with the message.
        """
        try:
            raw = json.loads(body)
            doubt = cls(
                s3_bucket=_text(raw, "s3_bucket"),
                s3_key=_text(raw, "s3_key"),
                execution_arn=_text(raw, "execution"),
                inferences=tuple(float(value) for value in raw["inferences"]),
                label=_text(raw, "label"),
                confidence=float(raw["confidence"]),
                message=_text(raw, "message"),
            )
        except RecursionError as error:
            raise NotOurs("It is nested too deep.") from error
        except KeyError as error:
            raise NotOurs(f"It lacks {error.args[0]}.") from error
        except (ValueError, TypeError) as error:
            raise NotOurs("It is not what the workflow sends.") from error
        if not doubt.inference_id or ":execution:" not in doubt.execution_arn:
            raise NotOurs("Its execution is no ARN of one.")
        return doubt

    @property
    def inference_id(self) -> str:
        """What captures and ground truth know the picture by: the name of the execution."""
        return self.execution_arn.rpartition(":")[2]


def _text(raw: Any, name: str) -> str:
    value = raw[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is no text.")
    return value
