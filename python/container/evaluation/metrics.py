"""How good a classifier's answers are: the `validation` and `test` of metrics.json."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

BINS = 15
POINTS = 200  # of the coverage curve at most
NORMAL_95 = 1.959964  # standard deviations on either side that hold 95 % of a normal distribution
PRINTED = ("accuracy", "ece", "accepted", "accepted_accuracy")


def report(
    probabilities: Tensor,
    labels: Tensor,
    classes: list[str],
    threshold: float,
    target_precision: float,
) -> dict[str, Any]:
    """Every measure of `probabilities` [N, classes] against `labels` [N]. What would divide by nothing is None.

    `accepted` is the share of the images whose answer's confidence reaches `threshold`. `accepted_at_precision` is the
    largest share, most confident first, of which `target_precision` are right.
    """
    confidence, predicted = probabilities.max(1)
    right, accepted = predicted == labels, confidence >= threshold
    counts = confusion(labels, predicted, len(classes))
    curve = coverage(confidence, right)
    return {
        "images": len(labels),
        "accuracy": mean(right),
        "accuracy_interval": wilson(int(right.sum()), len(right)),
        "per_class": {name: of_class(counts, label) for label, name in enumerate(classes)},
        "confusion": counts.tolist(),
        "ece": calibration_error(confidence, right),
        "reliability": reliability(confidence, right),
        "accepted": mean(accepted),
        "accepted_accuracy": mean(right[accepted]),
        "accepted_at_precision": max(
            (p["accepted"] for p in curve if p["precision"] >= target_precision), default=0.0
        ),
        "coverage": thinned(curve),
    }


def told(name: str, figures: dict[str, Any]) -> str:
    """The main figures of the split `name` as a line of the log, from which SageMaker picks its metrics."""
    return " ".join(
        f"{name}_{key}={figures[key]:.4f}" for key in PRINTED if figures[key] is not None
    )


def confusion(labels: Tensor, predicted: Tensor, classes: int) -> Tensor:
    """Counts [classes, classes]: a row for each true class, a column for each predicted one."""
    return torch.bincount(labels * classes + predicted, minlength=classes**2).reshape(
        classes, classes
    )


def of_class(counts: Tensor, label: int) -> dict[str, float | int | None]:
    hits, predicted, images = (
        int(counts[label, label]),
        int(counts[:, label].sum()),
        int(counts[label].sum()),
    )
    precision, recall = hits / predicted if predicted else None, hits / images if images else None
    return {"precision": precision, "recall": recall, "images": images}


def wilson(hits: int, images: int) -> list[float] | None:
    """The 95 % interval of a share (Wilson 1927): unlike the usual one, it is right for few images, and near 1."""
    if not images:
        return None
    share, weight = hits / images, NORMAL_95**2 / images
    half = NORMAL_95 * math.sqrt(share * (1 - share) / images + weight / (4 * images))
    return [
        max(0.0, (share + weight / 2 - half) / (1 + weight)),
        min(1.0, (share + weight / 2 + half) / (1 + weight)),
    ]


def calibration_error(confidence: Tensor, right: Tensor) -> float | None:
    """|accuracy - mean confidence| over bins of confidence, weighted by their size (Guo et al. 2017, eq. 3)."""
    bins = reliability(confidence, right)
    gaps = [group["images"] * abs(group["accuracy"] - group["confidence"]) for group in bins]
    return sum(gaps) / len(right) if bins else None


def reliability(confidence: Tensor, right: Tensor) -> list[dict[str, float]]:
    """For each bin of confidence that has images, lowest first: their mean confidence, accuracy and number."""
    number = (confidence.double() * BINS).ceil().long()
    bins = [number == index for index in range(BINS + 1) if (number == index).any()]
    return [
        {
            "confidence": float(confidence[members].double().mean()),
            "accuracy": float(right[members].double().mean()),
            "images": int(members.sum()),
        }
        for members in bins
    ]


def coverage(confidence: Tensor, right: Tensor) -> list[dict[str, float]]:
    """For each confidence as the threshold, highest first: the share accepted, and the share of those that is right."""
    confidence, order = confidence.sort(descending=True)
    hits = right[order].cumsum(0)
    # Of images with the same confidence, none is accepted without the others.
    last = torch.cat(
        (confidence[1:] < confidence[:-1], torch.ones(min(1, len(right)), dtype=torch.bool))
    )
    return [
        {
            "threshold": float(confidence[index]),
            "accepted": (index + 1) / len(right),
            "precision": int(hits[index]) / (index + 1),
        }
        for index in last.nonzero().flatten().tolist()
    ]


def thinned(curve: list[dict[str, float]]) -> list[dict[str, float]]:
    """As many points as a drawing needs, the first and the last among them."""
    if len(curve) <= POINTS:
        return curve
    return [curve[round(index * (len(curve) - 1) / (POINTS - 1))] for index in range(POINTS)]


def mean(flags: Tensor) -> float | None:
    return float(flags.double().mean()) if len(flags) else None
