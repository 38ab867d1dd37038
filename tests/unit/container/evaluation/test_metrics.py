"""The figures of metrics.json, on answers that can be counted by hand."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from paths import PYTHON

from container.evaluation import metrics

CLASSES = ["bicycle", "motorcycle"]
# Right and confident, right and unsure, wrong and confident, right and confident.
PROBABILITIES = [[0.95, 0.05], [0.6, 0.4], [0.97, 0.03], [0.01, 0.99]]
LABELS = [0, 0, 1, 1]


def report(
    probabilities: Sequence[Sequence[float]] = PROBABILITIES,
    labels: Sequence[int] = LABELS,
    classes: Sequence[str] = CLASSES,
    threshold: float = 0.93,
    own_threshold: float = 0.96,
) -> dict[str, Any]:
    answers = np.array(probabilities, np.float32)
    return metrics.report(answers, np.array(labels), classes, threshold, own_threshold)


def ece(labels: Sequence[int], bicycle: Sequence[float], bins: int = metrics.BINS) -> float | None:
    """The calibration error of answers with these probabilities of the first class."""
    first = np.array(bicycle, np.float64)
    right = (first < 0.5) == np.array(labels, bool)
    return metrics.calibration_error(metrics.reliability(np.maximum(first, 1 - first), right, bins))


def test_accuracy_and_confusion_count_every_image() -> None:
    figures = report()
    assert figures["images"] == 4
    assert figures["accuracy"] == 0.75
    assert figures["confusion"] == [[2, 0], [1, 1]]


def test_precision_divides_by_predicted_images_and_recall_by_true_ones() -> None:
    assert report()["per_class"] == {
        "bicycle": {"precision": pytest.approx(2 / 3), "recall": 1.0, "images": 2},
        "motorcycle": {"precision": 1.0, "recall": 0.5, "images": 2},
    }
    figures = report([[0.95, 0.05], [0.3, 0.7], [0.06, 0.94], [0.4, 0.6]])
    assert figures["confusion"] == [[1, 1], [0, 2]]
    assert figures["per_class"] == {
        "bicycle": {"precision": 1.0, "recall": 0.5, "images": 2},
        "motorcycle": {"precision": pytest.approx(2 / 3), "recall": 1.0, "images": 2},
    }


def test_accepted_are_answers_at_the_threshold_or_above() -> None:
    figures = report()
    assert figures["accepted"] == 0.75
    assert figures["accepted_accuracy"] == pytest.approx(2 / 3)
    assert report([[0.93, 0.07]], [0])["accepted"] == 1


def test_only_accepted_answers_count_for_the_accepted_accuracy() -> None:
    figures = report([[0.95, 0.05], [0.3, 0.7], [0.06, 0.94], [0.4, 0.6]])
    assert (figures["accepted"], figures["accepted_accuracy"]) == (0.5, 1.0)
    assert report([[0.99, 0.01], [0.99, 0.01]], [0, 1])["accepted_accuracy"] == 0.5


def test_without_an_accepted_answer_there_is_no_accepted_accuracy() -> None:
    figures = report(threshold=1.0)
    assert figures["accepted"] == 0
    assert figures["accepted_accuracy"] is None


def test_a_class_that_was_never_predicted_has_no_precision() -> None:
    figures = report([[0.9, 0.1]], [0], threshold=0.5)
    assert figures["per_class"]["motorcycle"] == {"precision": None, "recall": None, "images": 0}


def test_the_first_of_equally_likely_classes_is_the_answer() -> None:
    assert report([[0.5, 0.5]], [0])["accuracy"] == 1


def test_a_share_of_no_images_is_none() -> None:
    figures = metrics.summarize(np.zeros((0, 2)), np.zeros(0, int), np.zeros(0, bool), CLASSES)
    shares = [figures[name] for name in ("accuracy", "accepted", "accepted_accuracy", "ece")]
    assert shares == [None] * 4


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    # Bins of a fifteenth: .6 alone; .95, .97 and .99 together, of which two are right.
    expected = (abs(1 - 0.6) + abs(2 - (0.95 + 0.97 + 0.99))) / 4
    assert report()["ece"] == pytest.approx(expected, abs=1e-6)
    assert ece([0, 1], [0.5, 0.5]) == pytest.approx(0.0)
    assert ece([0, 1], [0.9, 0.9]) == pytest.approx(0.4)


def test_the_calibration_error_weighs_each_bin_by_its_size() -> None:
    assert ece([0, 0, 0, 1], [0.99, 0.99, 0.99, 0.6]) == pytest.approx((3 * 0.01 + 0.6) / 4)


def test_gaps_in_opposite_directions_cancel_out_inside_a_bin_only() -> None:
    assert ece([0, 1], [0.95, 0.95]) == pytest.approx(0.45)
    assert ece([0, 1], [0.99, 0.80]) == pytest.approx((0.01 + 0.80) / 2)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below() -> None:
    assert ece([0, 1], [0.8, 0.75], bins=5) == pytest.approx(abs(1 - 0.8 - 0.75) / 2)
    assert ece([0, 1], [0.8, 0.81], bins=5) == pytest.approx((0.2 + 0.81) / 2)


def test_reliability_has_one_entry_for_each_bin_with_images() -> None:
    unsure, confident = report()["reliability"]
    assert unsure == {"confidence": pytest.approx(0.6), "accuracy": 1.0, "images": 1}
    assert confident == {
        "confidence": pytest.approx(0.97),
        "accuracy": pytest.approx(2 / 3),
        "images": 3,
    }


def test_the_coverage_curve_goes_from_the_most_confident_answer_to_all_of_them() -> None:
    curve = report()["coverage"]
    assert [point["threshold"] for point in curve] == pytest.approx([0.99, 0.97, 0.95, 0.6])
    assert [point["accepted"] for point in curve] == [0.25, 0.5, 0.75, 1.0]
    assert [point["precision"] for point in curve] == pytest.approx([1, 1 / 2, 2 / 3, 3 / 4])


def test_equal_confidences_are_accepted_together() -> None:
    curve = report([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4]], [0, 1, 0])["coverage"]
    assert [point["accepted"] for point in curve] == pytest.approx([2 / 3, 1])


@pytest.mark.parametrize(
    ("own", "accepted", "right"), [(0.96, 0.5, 0.5), (0.98, 0.25, 1.0), (0.999, 0.0, None)]
)
def test_the_share_that_the_models_own_threshold_accepts_is_the_one_at_that_threshold(
    own: float, accepted: float, right: float | None
) -> None:
    figures = report(own_threshold=own)
    assert (figures["own_accepted"], figures["own_accepted_accuracy"]) == (accepted, right)


def test_a_curve_of_many_images_is_thinned_and_keeps_its_ends() -> None:
    confidence = np.linspace(0.5, 0.99, 1000)
    probabilities = np.stack((confidence, 1 - confidence), 1).tolist()
    curve = report(probabilities, [0] * 1000)["coverage"]
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
    probabilities = [[0.8, 0.1, 0.1], [0.2, 0.3, 0.5], [0.1, 0.2, 0.7]]
    figures = report(probabilities, [0, 1, 2], ["car", "bus", "tram"], threshold=0.6)
    assert figures["confusion"] == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    assert (figures["accepted"], figures["accepted_accuracy"]) == (pytest.approx(2 / 3), 1)
    figures = report([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]], [2, 1], ["car", "bus", "tram"])
    assert figures["confusion"] == [[0, 0, 0], [1, 0, 0], [0, 0, 1]]


def test_the_log_line_leaves_out_figures_without_images() -> None:
    line = metrics.log_line("test", report(threshold=1.0))
    assert line.startswith("test_accuracy=0.7500 test_ece=")
    assert line.endswith("test_accepted=0.0000")


@pytest.mark.parametrize(
    "module",
    ["__init__", "evaluation/__init__", "evaluation/baseline", "evaluation/metrics"],
)
def test_modules_for_programs_without_a_model_do_not_import_torch(module: str) -> None:
    tree = ast.parse((PYTHON / "container" / f"{module}.py").read_text())
    imports = {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    }
    imports |= {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    ours = {name for name in imports if name.split(".")[0] in ("torch", "container", "scones")}
    assert ours <= {"container.json_object"}
