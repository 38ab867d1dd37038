"""Step 3: accept the most likely class if its probability reaches the threshold.

In:  {"s3_bucket": "bucket", "s3_key": "uploads/bike.png", "image_data": "",
      "inferences": [0.97, 0.03],
      "attribution": {"model": "scones-1", "threshold": 0.93,
                      "classes": ["bicycle", "motorcycle"]}}
Out: {"s3_bucket": "bucket", "s3_key": "uploads/bike.png", "inferences": [0.97, 0.03],
      "attribution": {…}, "label": "bicycle", "confidence": 0.97}

Threshold and classes are those of the model that answered. One with too many classes to name in
its answer names the most likely one, {"model": …, "threshold": …, "label": "bicycle"}.

Otherwise it raises LowConfidence, whose message is JSON text for the state machine:
     {"label": "bicycle", "confidence": 0.61, "attribution": {…},
      "message": "Most likely bicycle, but 0.61 is below the threshold, 0.93."}
"""

import json
import os
from typing import Any

# The built-in algorithm says nothing of itself. If the endpoint serves such a model, Terraform
# writes its attribution here, after the endpoint has changed; otherwise it is null.
FALLBACK = json.loads(os.environ.get("FALLBACK", "null"))
KEYS = ("s3_bucket", "s3_key", "inferences")
SUM_TOLERANCE = 1e-3


class MissingKeys(Exception):
    """The event lacks what the previous steps add."""


class MalformedAnswer(Exception):
    """The inferences are not one probability per class."""


class UnattributedAnswer(Exception):
    """The answer does not say which classes its probabilities mean."""


class LowConfidence(Exception):
    """No class reaches the threshold: the image needs human review."""


def parse(event: object) -> list[float]:
    """Return the inferences, validated as probabilities."""
    fields = event if isinstance(event, dict) else {}
    missing = [key for key in KEYS if key not in fields]
    if missing:
        raise MissingKeys(f"The input lacks {', '.join(missing)}.")
    values = fields["inferences"]
    # `type` rather than `isinstance`: True and False are ints, too.
    if not isinstance(values, list) or any(type(value) not in (int, float) for value in values):
        raise MalformedAnswer("The inferences are not a list of numbers.")
    in_range = all(0 <= value <= 1 for value in values)
    if not in_range or abs(sum(values) - 1) > SUM_TOLERANCE:
        raise MalformedAnswer(f"The inferences {values} are not probabilities that add up to 1.")
    return values


def find_attribution(event: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of the model that answered."""
    attribution = event.get("attribution") or FALLBACK
    if attribution is None:
        raise UnattributedAnswer(
            "The endpoint's answer does not say which model gave it, so its classes are unknown. "
            'Serve a model of this version: run "make train apply".'
        )
    threshold = attribution.get("threshold")
    if type(threshold) not in (int, float) or not isinstance(attribution.get("model"), str):
        raise UnattributedAnswer(f"The answer's attribution is incomplete: {attribution}.")
    return dict(attribution)


def most_likely_class(inferences: list[float], attribution: dict[str, Any]) -> str:
    """Return the class that the answering model means."""
    classes = attribution.get("classes")
    if classes is None and isinstance(attribution.get("label"), str):
        return str(attribution["label"])
    if not isinstance(classes, list):
        raise UnattributedAnswer(f"The answer of {attribution['model']} does not name its classes.")
    if len(classes) != len(inferences):
        names = ", ".join(classes)
        raise MalformedAnswer(f"There are {len(inferences)} inferences for the classes {names}.")
    return str(classes[inferences.index(max(inferences))])


def low_confidence(label: str, confidence: float, attribution: dict[str, Any]) -> LowConfidence:
    threshold = attribution["threshold"]
    message = f"Most likely {label}, but {confidence:.4g} is below the threshold, {threshold:g}."
    answer = {"label": label, "confidence": confidence, "attribution": attribution}
    return LowConfidence(json.dumps({**answer, "message": message}))


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    inferences = parse(event)
    attribution = find_attribution(event)
    label, confidence = most_likely_class(inferences, attribution), max(inferences)
    accepted = confidence >= attribution["threshold"]
    line = {"message": "Confidence judged", "s3_key": event["s3_key"], "label": label}
    model = attribution["model"]
    print(json.dumps({**line, "confidence": confidence, "accepted": accepted, "model": model}))
    if not accepted:
        raise low_confidence(label, confidence, attribution)
    result = {key: value for key, value in event.items() if key != "image_data"}
    return {**result, "attribution": attribution, "label": label, "confidence": confidence}
