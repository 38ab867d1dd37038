"""Step 3: accept the most likely class if its probability reaches the threshold.

In:  {"s3_bucket": "bucket", "s3_key": "uploads/bike.png", "image_data": "",
      "inferences": [0.97, 0.03]}
Out: {"s3_bucket": "bucket", "s3_key": "uploads/bike.png", "inferences": [0.97, 0.03],
      "label": "bicycle", "confidence": 0.97}

Otherwise it raises LowConfidence, whose message is JSON text for the state machine:
     {"label": "bicycle", "confidence": 0.61,
      "message": "Most likely bicycle, but 0.61 is below the threshold, 0.93."}
"""

import json
import os
from typing import Any

CLASSES = json.loads(os.environ["CLASSES"])
THRESHOLD = float(os.environ["THRESHOLD"])
KEYS = ("s3_bucket", "s3_key", "inferences")
SUM_TOLERANCE = 1e-3


class MissingKeys(Exception):
    """The event lacks what the previous steps add."""


class MalformedAnswer(Exception):
    """The inferences are not one probability per class."""


class LowConfidence(Exception):
    """No class reaches the threshold: the image needs human review."""


def parse(event: object) -> list[float]:
    """Return the inferences, validated as one probability per class."""
    fields = event if isinstance(event, dict) else {}
    missing = [key for key in KEYS if key not in fields]
    if missing:
        raise MissingKeys(f"The input lacks {', '.join(missing)}.")
    values = fields["inferences"]
    # `type` rather than `isinstance`: True and False are ints, too.
    if not isinstance(values, list) or any(type(value) not in (int, float) for value in values):
        raise MalformedAnswer("The inferences are not a list of numbers.")
    if len(values) != len(CLASSES):
        names = ", ".join(CLASSES)
        raise MalformedAnswer(f"There are {len(values)} inferences for the classes {names}.")
    in_range = all(0 <= value <= 1 for value in values)
    if not in_range or abs(sum(values) - 1) > SUM_TOLERANCE:
        raise MalformedAnswer(f"The inferences {values} are not probabilities that add up to 1.")
    return values


def low_confidence(label: str, confidence: float) -> LowConfidence:
    message = f"Most likely {label}, but {confidence:.4g} is below the threshold, {THRESHOLD:g}."
    return LowConfidence(json.dumps({"label": label, "confidence": confidence, "message": message}))


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    inferences = parse(event)
    confidence = max(inferences)
    label = CLASSES[inferences.index(confidence)]
    line = {"message": "Confidence judged", "s3_key": event["s3_key"], "label": label}
    print(json.dumps({**line, "confidence": confidence, "accepted": confidence >= THRESHOLD}))
    if confidence < THRESHOLD:
        raise low_confidence(label, confidence)
    result = {key: value for key, value in event.items() if key != "image_data"}
    return {**result, "label": label, "confidence": confidence}
