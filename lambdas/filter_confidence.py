"""Step 3: keep what the model is sure of.

In:  {"s3_bucket": "bucket", "s3_key": "uploads/bike.png", "image_data": "", "inferences": [0.97, 0.03]}
Out: {"s3_bucket": "bucket", "s3_key": "uploads/bike.png", "inferences": [0.97, 0.03],
      "label": "bicycle", "confidence": 0.97}

LowConfidence carries its reason as JSON text, for the state machine to hand on:
     {"label": "bicycle", "confidence": 0.61, "message": "Most likely bicycle, but 0.61 is below the threshold, 0.93."}
"""

import json
import os

CLASSES = json.loads(os.environ["CLASSES"])
THRESHOLD = float(os.environ["THRESHOLD"])
SUM_TOLERANCE = 1e-3


class MissingKeys(Exception):
    """The event lacks what the steps before add."""


class MalformedAnswer(Exception):
    """The inferences are not one probability for each class."""


class LowConfidence(Exception):
    """No class reaches the threshold: people shall look at the picture."""


def probabilities(event: object) -> list[float]:
    """The inferences, once they are known to be one probability for each class."""
    missing = [
        key
        for key in ("s3_bucket", "s3_key", "inferences")
        if not (isinstance(event, dict) and key in event)
    ]
    if missing:
        raise MissingKeys(f"The input lacks {', '.join(missing)}.")
    values = event["inferences"]
    if not (isinstance(values, list) and all(type(value) in (int, float) for value in values)):
        raise MalformedAnswer("The inferences are not a list of numbers.")
    if len(values) != len(CLASSES):
        raise MalformedAnswer(
            f"There are {len(values)} inferences for the classes {', '.join(CLASSES)}."
        )
    if not all(0 <= value <= 1 for value in values) or abs(sum(values) - 1) > SUM_TOLERANCE:
        raise MalformedAnswer(f"The inferences {values} are not probabilities that add up to 1.")
    return values


def low_confidence(label: str, confidence: float) -> LowConfidence:
    message = f"Most likely {label}, but {confidence:.4g} is below the threshold, {THRESHOLD:g}."
    return LowConfidence(json.dumps({"label": label, "confidence": confidence, "message": message}))


def lambda_handler(event, _context):
    confidence, label = max(
        zip(probabilities(event), CLASSES, strict=True), key=lambda pair: pair[0]
    )
    accepted = confidence >= THRESHOLD
    fields = {
        "s3_key": event["s3_key"],
        "label": label,
        "confidence": confidence,
        "accepted": accepted,
    }
    print(json.dumps({"message": "Confidence judged", **fields}))
    if not accepted:
        raise low_confidence(label, confidence)
    kept = {key: value for key, value in event.items() if key != "image_data"}
    return {**kept, "label": label, "confidence": confidence}
