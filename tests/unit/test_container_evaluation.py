"""The figures of metrics.json, on answers that can be counted by hand."""

from __future__ import annotations

import pytest
import torch

from container.evaluation import report

CLASSES = ["bicycle", "motorcycle"]
# Right and sure, right and unsure, wrong and sure, right and sure.
PROBABILITIES = torch.tensor([[0.95, 0.05], [0.6, 0.4], [0.97, 0.03], [0.01, 0.99]])
LABELS = torch.tensor([0, 0, 1, 1])


def test_accuracy_and_confusion_count_every_image() -> None:
    figures = report(PROBABILITIES, LABELS, CLASSES, threshold=0.93)
    assert figures["images"] == 4
    assert figures["accuracy"] == 0.75
    assert figures["confusion"] == [[2, 0], [1, 1]]
    assert figures["per_class"] == {
        "bicycle": {"precision": pytest.approx(2 / 3), "recall": 1.0, "images": 2},
        "motorcycle": {"precision": 1.0, "recall": 0.5, "images": 2},
    }


def test_accepted_are_those_at_the_threshold_or_above() -> None:
    figures = report(PROBABILITIES, LABELS, CLASSES, threshold=0.93)
    assert figures["accepted"] == 0.75
    assert figures["accepted_accuracy"] == pytest.approx(2 / 3)


def test_where_nothing_is_accepted_there_is_no_accuracy_of_it() -> None:
    figures = report(PROBABILITIES, LABELS, CLASSES, threshold=1.0)
    assert figures["accepted"] == 0
    assert figures["accepted_accuracy"] is None


def test_a_class_that_was_never_answered_has_no_precision() -> None:
    figures = report(torch.tensor([[0.9, 0.1]]), torch.tensor([0]), CLASSES, threshold=0.5)
    assert figures["per_class"]["motorcycle"] == {"precision": None, "recall": None, "images": 0}


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    # Bins of a fifteenth: .6 alone; .95, .97 and .99 together, of which two are right.
    expected = (abs(1 - 0.6) + abs(2 - (0.95 + 0.97 + 0.99))) / 4
    assert report(PROBABILITIES, LABELS, CLASSES, threshold=0.93)["ece"] == pytest.approx(expected, abs=1e-6)
