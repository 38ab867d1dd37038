"""How good the answers are for which there is ground truth."""

from __future__ import annotations

import numpy as np

from container.evaluation import metrics
from scones.json_object import JsonObject
from scones.reporting.figures import DIGITS, mean, round_figure
from scones.reporting.image_table import ACCEPTED, ImageTable


def accuracy_figures(table: ImageTable) -> JsonObject | None:
    """Accuracy, calibration and confusion of the answers with ground truth; None without any."""
    chosen = table.verifiable
    if not chosen.any():
        return None
    label = table.label[chosen]
    ground_truth = table.ground_truth[chosen]
    accepted = table.outcome[chosen] == ACCEPTED
    correct = label == ground_truth
    bins = [
        {name: round(value, DIGITS) for name, value in row.items()}
        for row in metrics.reliability(table.confidence[chosen], correct)
    ]
    low, high = metrics.wilson(int(correct.sum()), len(correct))
    counts = metrics.confusion(ground_truth, label, len(table.class_names))
    class_ids = np.union1d(label, ground_truth)
    return {
        "images": len(correct),
        "accuracy": mean(correct),
        "accuracy_interval": [round_figure(low), round_figure(high)],
        "accepted_accuracy": mean(correct[accepted]),
        "unsure_accuracy": mean(correct[~accepted]),
        "ece": round_figure(metrics.calibration_error(bins) or 0.0),
        "classes": [table.class_names[class_id] for class_id in class_ids],
        "confusion": counts[np.ix_(class_ids, class_ids)].tolist(),
        "reliability": bins,
    }
