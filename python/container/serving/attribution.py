"""Whose answer it is: the model's name, its confidence threshold and its class names, in a header.

While an endpoint is updated, and after an update was rolled back, another model answers than the
one that was deployed last. So every answer says how to read it, in SageMaker's custom attributes,
which reach the caller and the captured data:

    X-Amzn-SageMaker-Custom-Attributes: {"model":"scones-1","threshold":0.9,"classes":["bicycle",…]}

SageMaker allows 1,024 visible ASCII characters, so everything else is escaped as in JSON strings.
Where the names of all classes are too many, the most likely class of this answer stands in their
place, {…,"label":"bicycle"}; an answer on several images then names none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

HEADER = "X-Amzn-SageMaker-Custom-Attributes"
LIMIT = 1024  # characters; AWS's service model states it for CustomAttributes

# Terraform sets these in the SageMaker model. Both change only with the endpoint's configuration.
MODEL = "SCONES_MODEL"
THRESHOLD = "SCONES_THRESHOLD"


@dataclass(frozen=True)
class Attribution:
    """Whose answer it is, and how to read it.

    Attributes:
        model: the name of the model that answered.
        threshold: the confidence from which its answers are accepted.
        classes: in the order of the probabilities; empty if there are too many for the header.
        label: the most likely class, if `classes` is empty.
    """

    model: str
    threshold: float
    classes: tuple[str, ...] = ()
    label: str | None = None

    def name_class(self, position: int, class_count: int) -> str | None:
        """The most likely class of an answer, which is at that position among so many classes."""
        if len(self.classes) == class_count:
            return self.classes[position]
        return self.label

    @classmethod
    def from_json(cls, raw: object) -> Attribution | None:
        """The attribution that the JSON value is; None if it is something else."""
        if not isinstance(raw, dict):
            return None
        model, label, classes = raw.get("model"), raw.get("label"), raw.get("classes", [])
        threshold = raw.get("threshold")
        if not isinstance(model, str) or not isinstance(threshold, int | float):
            return None
        if not isinstance(label, str | None) or not isinstance(classes, list):
            return None
        return cls(model, float(threshold), tuple(map(str, classes)), label)

    def as_json(self) -> dict[str, Any]:
        """The fields that have a value."""
        fields: dict[str, Any] = {"model": self.model, "threshold": self.threshold}
        if self.classes:
            fields["classes"] = list(self.classes)
        if self.label is not None:
            fields["label"] = self.label
        return fields


def answer_headers(classes: Sequence[str], probabilities: Tensor) -> dict[str, str]:
    """The header of an answer [classes], or [N, classes] for several images.

    There is none outside of an endpoint, where the model has no name.
    """
    model = os.environ.get(MODEL)
    if not model:
        return {}
    threshold = float(os.environ[THRESHOLD])
    text = _visible_ascii(Attribution(model, threshold, tuple(classes)))
    if len(text) > LIMIT and probabilities.ndim == 1:
        label = classes[int(probabilities.argmax())]
        text = _visible_ascii(Attribution(model, threshold, label=label))
    if len(text) > LIMIT:
        text = _visible_ascii(Attribution(model, threshold))
    return {HEADER: text}


@lru_cache  # few models answer, and each of them often
def parse(text: str) -> Attribution | None:
    """The attribution in a header; None if the text is something else."""
    try:
        return Attribution.from_json(json.loads(text))
    except (ValueError, RecursionError):
        return None


@lru_cache  # the same for every answer, or for every answer of a class
def _visible_ascii(attribution: Attribution) -> str:
    """JSON without spaces: those inside of names are escaped."""
    text = json.dumps(attribution.as_json(), separators=(",", ":"))
    return text.replace(" ", "\\u0020")
