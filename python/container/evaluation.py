"""How good a classifier's answers are: the `validation`, `test` and `probes` of metrics.json."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from container import inference
from container.classifier import Classifier
from container.dataset import Split

BINS = 15
PROBES = 8
PRINTED = ("accuracy", "ece", "accepted", "accepted_accuracy")


def evaluate(classifier: Classifier, split: Split, threshold: float) -> dict[str, Any]:
    """The report on one split, whose main figures are also printed, for SageMaker to pick up as metrics."""
    figures = report(classifier.probabilities(split.images), split.labels, classifier.classes, threshold)
    print(*(f"{split.name}_{key}={figures[key]:.4f}" for key in PRINTED if figures[key] is not None), flush=True)
    return figures


def probes(classifier: Classifier, split: Split) -> dict[str, list[float]]:
    """Answers to a few images, the classes taking turns, the way an endpoint gets them: every endpoint's must agree."""
    turns = [int((split.labels[:index] == label).sum()) for index, label in enumerate(split.labels)]
    chosen = sorted(range(len(turns)), key=lambda index: (turns[index], split.labels[index]))[:PROBES]
    files = [split.files[index] for index in chosen]
    return {f"{split.name}/{file.name}": inference.predict_fn(file.read_bytes(), classifier).tolist() for file in files}


def report(probabilities: Tensor, labels: Tensor, classes: list[str], threshold: float) -> dict[str, Any]:
    """Every measure of `probabilities` [N, classes] against `labels` [N]. What would divide by nothing is None."""
    confidence, predicted = probabilities.max(1)
    right, accepted = predicted == labels, confidence >= threshold
    counts = confusion(labels, predicted, len(classes))
    return {
        "images": len(labels),
        "accuracy": mean(right),
        "per_class": {name: of_class(counts, label) for label, name in enumerate(classes)},
        "confusion": counts.tolist(),
        "ece": calibration_error(confidence, right),
        "accepted": mean(accepted),
        "accepted_accuracy": mean(right[accepted]),
    }


def confusion(labels: Tensor, predicted: Tensor, classes: int) -> Tensor:
    """Counts [classes, classes]: a row for each true class, a column for each predicted one."""
    return torch.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def of_class(counts: Tensor, label: int) -> dict[str, float | int | None]:
    hits, predicted, images = int(counts[label, label]), int(counts[:, label].sum()), int(counts[label].sum())
    precision, recall = hits / predicted if predicted else None, hits / images if images else None
    return {"precision": precision, "recall": recall, "images": images}


def calibration_error(confidence: Tensor, right: Tensor) -> float | None:
    """|accuracy - mean confidence| over bins of confidence, weighted by their size (Guo et al. 2017, eq. 3)."""
    if not len(confidence):
        return None
    bins = (confidence.double() * BINS).ceil().long()
    gaps = torch.zeros(BINS + 1, dtype=torch.double).index_add(0, bins, right.double() - confidence.double())
    return float(gaps.abs().sum()) / len(confidence)


def mean(flags: Tensor) -> float | None:
    return float(flags.double().mean()) if len(flags) else None
