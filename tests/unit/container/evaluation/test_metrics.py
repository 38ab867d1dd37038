"""The figures of metrics.json, on answers that can be counted by hand."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from container.evaluation import metrics

CLASSES = ["bicycle", "motorcycle"]
# Right and sure, right and unsure, wrong and sure, right and sure.
PROBABILITIES = torch.tensor([[0.95, 0.05], [0.6, 0.4], [0.97, 0.03], [0.01, 0.99]])
LABELS = torch.tensor([0, 0, 1, 1])
report = partial(metrics.report, target_precision=0.99)


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
    assert report(PROBABILITIES, LABELS, CLASSES, threshold=0.93)["ece"] == pytest.approx(
        expected, abs=1e-6
    )


def test_reliability_has_one_entry_for_each_bin_with_images() -> None:
    unsure, sure = report(PROBABILITIES, LABELS, CLASSES, threshold=0.93)["reliability"]
    assert unsure == {"confidence": pytest.approx(0.6), "accuracy": 1.0, "images": 1}
    assert sure == {
        "confidence": pytest.approx(0.97),
        "accuracy": pytest.approx(2 / 3),
        "images": 3,
    }


def test_the_coverage_curve_goes_from_the_surest_answer_to_all_of_them() -> None:
    curve = report(PROBABILITIES, LABELS, CLASSES, threshold=0.93)["coverage"]
    assert [point["threshold"] for point in curve] == pytest.approx([0.99, 0.97, 0.95, 0.6])
    assert [point["accepted"] for point in curve] == [0.25, 0.5, 0.75, 1.0]
    assert [point["precision"] for point in curve] == pytest.approx([1, 1 / 2, 2 / 3, 3 / 4])


def test_equal_confidences_are_accepted_together() -> None:
    probabilities = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4]])
    curve = report(probabilities, torch.tensor([0, 1, 0]), CLASSES, threshold=0.5)["coverage"]
    assert [point["accepted"] for point in curve] == pytest.approx([2 / 3, 1])


@pytest.mark.parametrize(("target", "share"), [(0.99, 0.25), (0.7, 1.0), (0.5, 1.0)])
def test_the_share_accepted_at_a_precision_is_the_largest_that_keeps_it(
    target: float, share: float
) -> None:
    figures = metrics.report(
        PROBABILITIES, LABELS, CLASSES, threshold=0.93, target_precision=target
    )
    assert figures["accepted_at_precision"] == share


def test_where_even_the_surest_answer_is_wrong_no_share_has_the_precision() -> None:
    figures = report(
        torch.tensor([[0.9, 0.1], [0.8, 0.2]]), torch.tensor([1, 0]), CLASSES, threshold=0.5
    )
    assert figures["accepted_at_precision"] == 0


def test_a_curve_of_many_images_is_thinned_and_keeps_its_ends() -> None:
    confidence = torch.linspace(0.5, 0.99, 1000)
    probabilities = torch.stack((confidence, 1 - confidence), 1)
    curve = report(probabilities, torch.zeros(1000, dtype=torch.long), CLASSES, threshold=0.5)[
        "coverage"
    ]
    assert len(curve) == 200
    assert (curve[0]["accepted"], curve[-1]["accepted"]) == (0.001, 1.0)


@pytest.mark.parametrize(
    ("hits", "images", "interval"),
    [(94, 100, (0.875, 0.972)), (100, 100, (0.963, 1)), (0, 10, (0, 0.278))],
)
def test_the_interval_of_a_share_is_wilsons(
    hits: int, images: int, interval: tuple[float, float]
) -> None:
    assert metrics.wilson(hits, images) == pytest.approx(interval, abs=5e-4)


def test_three_classes_have_a_row_and_a_column_each() -> None:
    probabilities = torch.tensor([[0.8, 0.1, 0.1], [0.2, 0.3, 0.5], [0.1, 0.2, 0.7]])
    figures = report(probabilities, torch.tensor([0, 1, 2]), ["car", "bus", "tram"], threshold=0.6)
    assert figures["confusion"] == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    assert (figures["accepted"], figures["accepted_accuracy"]) == (pytest.approx(2 / 3), 1)


def test_the_log_line_leaves_out_what_was_not_measured() -> None:
    line = metrics.told("test", report(PROBABILITIES, LABELS, CLASSES, threshold=1.0))
    assert line.startswith("test_accuracy=0.7500 test_ece=")
    assert line.endswith("test_accepted=0.0000")
