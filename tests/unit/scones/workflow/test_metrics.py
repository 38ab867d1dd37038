import random

import pytest
import torch

from container.evaluation import metrics as training
from scones.workflow import metrics
from scones.workflow.metrics import Answer

CLASSES = ("bicycle", "motorcycle")


def answer(truth: int, bicycle: float, threshold: float = 0.93) -> Answer:
    probabilities = (bicycle, 1 - bicycle)
    return Answer(truth, probabilities, max(probabilities) >= threshold)


FOUR = [answer(0, 0.95), answer(0, 0.30), answer(1, 0.06), answer(1, 0.40)]


def test_accuracy_is_the_share_of_most_likely_classes_that_are_true() -> None:
    assert metrics.accuracy(FOUR) == 0.75


def test_only_what_was_accepted_counts_for_the_accepted_accuracy() -> None:
    assert metrics.accepted(FOUR) == 0.5
    assert metrics.accepted_accuracy(FOUR) == 1.0
    assert metrics.accepted_accuracy([answer(0, 0.99), answer(1, 0.99)]) == 0.5


def test_a_row_of_the_confusion_is_a_true_class() -> None:
    assert metrics.confusion(FOUR, CLASSES) == [[1, 1], [0, 2]]


def test_precision_divides_by_what_was_predicted_and_recall_by_what_is_there() -> None:
    assert metrics.per_class(FOUR, CLASSES) == {
        "bicycle": {"precision": 1.0, "recall": 0.5, "images": 2},
        "motorcycle": {"precision": pytest.approx(2 / 3), "recall": 1.0, "images": 2},
    }


def test_the_first_of_equally_likely_classes_is_the_answer() -> None:
    assert answer(0, 0.5).right


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    always_half_sure = [answer(0, 0.5), answer(1, 0.5)]
    assert metrics.ece(always_half_sure) == pytest.approx(0.0)
    overconfident = [answer(0, 0.9), answer(1, 0.9)]
    assert metrics.ece(overconfident) == pytest.approx(0.4)


def test_calibration_error_weighs_each_bin_by_its_size() -> None:
    sure = [answer(0, 0.99)] * 3
    doubtful = [answer(1, 0.6)]
    assert metrics.ece([*sure, *doubtful]) == pytest.approx((3 * 0.01 + 0.6) / 4)


def test_gaps_in_opposite_directions_cancel_out_inside_a_bin_only() -> None:
    one_bin, two_bins = [answer(0, 0.95), answer(1, 0.95)], [answer(0, 0.99), answer(1, 0.80)]
    assert metrics.ece(one_bin) == pytest.approx(0.45)
    assert metrics.ece(two_bins) == pytest.approx((0.01 + 0.80) / 2)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below() -> None:
    on_the_edge, below_it = Answer(0, (0.8, 0.2), False), Answer(1, (0.75, 0.25), False)
    assert metrics.ece([on_the_edge, below_it], bins=5) == pytest.approx(abs(1 - 0.8 - 0.75) / 2)
    above_it = Answer(1, (0.81, 0.19), False)
    assert metrics.ece([on_the_edge, above_it], bins=5) == pytest.approx((0.2 + 0.81) / 2)


def test_nothing_to_divide_by_is_none_and_not_zero() -> None:
    assert metrics.accuracy([]) is None
    assert metrics.accepted([]) is None
    assert metrics.ece([]) is None
    assert metrics.accepted_accuracy([answer(0, 0.6)]) is None
    assert metrics.per_class([answer(0, 0.9)], CLASSES)["motorcycle"] == {
        "precision": None,
        "recall": None,
        "images": 0,
    }


def test_three_classes_have_three_rows() -> None:
    answers = [Answer(2, (0.2, 0.3, 0.5), False), Answer(1, (0.6, 0.3, 0.1), False)]
    assert metrics.confusion(answers, ("bicycle", "bus", "motorcycle")) == [
        [0, 0, 0],
        [1, 0, 0],
        [0, 0, 1],
    ]


def test_the_definitions_are_those_of_the_training_job() -> None:
    draw = random.Random(0)
    answers = [answer(draw.randrange(2), draw.random()) for _ in range(200)]
    probabilities = torch.tensor([one.probabilities for one in answers], dtype=torch.double)
    report = training.report(
        probabilities, torch.tensor([one.truth for one in answers]), CLASSES, 0.93, 0.99
    )
    ours = {
        "images": len(answers),
        "accuracy": metrics.accuracy(answers),
        "per_class": metrics.per_class(answers, CLASSES),
        "confusion": metrics.confusion(answers, CLASSES),
        "ece": pytest.approx(metrics.ece(answers)),
        "accepted": metrics.accepted(answers),
        "accepted_accuracy": metrics.accepted_accuracy(answers),
    }
    assert {name: report[name] for name in ours} == ours
