"""The quality of a classifier's answers, as metrics.json, evaluation.json and report.json hold it.

Needs numpy alone: the programs that judge a model without running it import this module too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
import numpy.typing as npt

from container.json_object import JsonObject

BINS = 15
MAX_POINTS = 200  # of the coverage curve
NORMAL_95 = 1.959963984540054  # a normal distribution has 2.5 % beyond it on either side
LOGGED = ("accuracy", "ece", "accepted", "accepted_accuracy")

Floats = npt.NDArray[np.floating]
Integers = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]


def report(
    probabilities: Floats,
    labels: Integers,
    classes: Sequence[str],
    threshold: float,
    own_threshold: float,
) -> JsonObject:
    """Measure `probabilities` [N, classes] against `labels` [N]; N is 1 or more.

    Answers with a confidence of at least `threshold` are accepted. `own_accepted` is the share that
    the model's own threshold would accept: it was chosen on held-out images, never on these.
    """
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == labels
    own_accepted = confidence >= own_threshold
    return {
        **summarize(probabilities, labels, confidence >= threshold, classes),
        "accuracy_interval": wilson(int(right.sum()), len(right)),
        "reliability": reliability(confidence, right),
        "own_accepted": share(own_accepted),
        "own_accepted_accuracy": share(right[own_accepted]),
        "coverage": thin(coverage(confidence, right)),
    }


def summarize(
    probabilities: Floats, labels: Integers, accepted: Mask, classes: Sequence[str]
) -> JsonObject:
    """Measure `probabilities` [N, classes] against `labels` [N]; a share of no images is None."""
    predicted = probabilities.argmax(1)
    right = predicted == labels
    counts = confusion(labels, predicted, len(classes))
    bins = reliability(probabilities.max(1), right)
    return {
        "images": len(labels),
        "accuracy": share(right),
        "per_class": {name: class_figures(counts, label) for label, name in enumerate(classes)},
        "confusion": counts.tolist(),
        "ece": calibration_error(bins),
        "accepted": share(accepted),
        "accepted_accuracy": share(right[accepted]),
    }


def log_line(split: str, figures: JsonObject) -> str:
    """Return the main figures of a split as a log line, where SageMaker finds its metrics."""
    measured = [key for key in LOGGED if figures[key] is not None]
    return " ".join(f"{split}_{key}={figures[key]:.4f}" for key in measured)


def confusion(labels: Integers, predicted: Integers, classes: int) -> npt.NDArray[np.int64]:
    """Counts [classes, classes]: a row for each true class, a column for each predicted one."""
    cells = np.bincount(labels * classes + predicted, minlength=classes**2)
    return cells.reshape(classes, classes)


def class_figures(counts: npt.NDArray[np.int64], label: int) -> dict[str, float | int | None]:
    hits = int(counts[label, label])
    predicted = int(counts[:, label].sum())
    images = int(counts[label].sum())
    return {
        "precision": hits / predicted if predicted else None,
        "recall": hits / images if images else None,
        "images": images,
    }


def wilson(hits: int, images: int) -> tuple[float, float]:
    """The 95 % interval of a share.

    Wilson, "Probable inference", J. Am. Stat. Association 22 (1927).
    Unlike the usual interval, it is right for few images, and for shares near 0 and 1.
    """
    accuracy = hits / images
    spread = NORMAL_95 * NORMAL_95 / images
    middle = accuracy + spread / 2
    half = sqrt(spread * (accuracy * (1 - accuracy) + spread / 4))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def reliability(confidence: Floats, right: Mask, bins: int = BINS) -> list[dict[str, float]]:
    """Mean confidence, accuracy and size of each bin that has images, lowest confidence first.

    Bins have equal width and include their upper edge.
    """
    confidence = confidence.astype(np.float64)
    bin_of = np.ceil(confidence * bins).astype(np.int64)
    figures = []
    for number in np.unique(bin_of):
        members = bin_of == number
        figures.append(
            {
                "confidence": float(confidence[members].mean()),
                "accuracy": float(right[members].mean()),
                "images": int(members.sum()),
            }
        )
    return figures


def calibration_error(bins: Sequence[Mapping[str, float]]) -> float | None:
    """|accuracy - mean confidence| over the bins of `reliability`, weighted by their size.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", eq. 3.
    """
    if not bins:
        return None
    gaps = [group["images"] * abs(group["accuracy"] - group["confidence"]) for group in bins]
    return sum(gaps) / sum(group["images"] for group in bins)


def coverage(confidence: Floats, right: Mask) -> list[dict[str, float]]:
    """The share accepted and its precision for each confidence as the threshold, highest first."""
    order = np.argsort(-confidence)
    confidence = confidence[order]
    hits = right[order].cumsum()
    # Of images with the same confidence, none is accepted without the others.
    is_last = np.append(confidence[1:] < confidence[:-1], True)
    return [
        {
            "threshold": float(confidence[index]),
            "accepted": (index + 1) / len(right),
            "precision": int(hits[index]) / (index + 1),
        }
        for index in np.flatnonzero(is_last).tolist()
    ]


def thin(curve: list[dict[str, float]]) -> list[dict[str, float]]:
    """As many points as a drawing needs, the first and the last among them."""
    if len(curve) <= MAX_POINTS:
        return curve
    step = (len(curve) - 1) / (MAX_POINTS - 1)
    return [curve[round(index * step)] for index in range(MAX_POINTS)]


def share(flags: Mask) -> float | None:
    return float(flags.mean()) if len(flags) else None
