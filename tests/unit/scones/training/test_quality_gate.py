"""What a model must reach, and the sentences about what it misses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from scones.errors import UserError
from scones.handover import Comparison, Gate, Metrics
from scones.training import quality_gate

LIMITS = {
    "minimum_accuracy": 0.9,
    "minimum_accepted": 0.5,
    "maximum_ece": 0.1,
    "live_margin": 0.02,
}
GOOD = Metrics(
    validation_accuracy=0.92,
    test_accuracy=0.94,
    test_ece=0.02,
    test_accuracy_low=0.88,
    test_accuracy_high=0.97,
    test_accepted=0.8,
)
EQUAL = Comparison("live", 200, 180, 5, 5, 10, 1.0, 0.0, (-0.03, 0.03), ())


def judge(
    limits: Mapping[str, float],
    metrics: Metrics,
    comparison: Comparison | None = None,
    live: Metrics | None = None,
) -> Gate:
    return quality_gate.gate(quality_gate.check(limits, metrics, comparison, live))


def missed(
    metrics: Metrics, comparison: Comparison | None = None, live: Metrics | None = None
) -> tuple[str, ...]:
    return judge(LIMITS, metrics, comparison, live).missed


def test_a_model_that_reaches_everything_passes() -> None:
    assert judge(LIMITS, GOOD, EQUAL, GOOD) == Gate(passed=True, forced=False, missed=())
    assert judge(LIMITS, GOOD).passed
    limits = {"minimum_accuracy": 0.94, "minimum_accepted": 0.8, "maximum_ece": 0.02}
    assert judge(limits, GOOD).passed, "what is reached exactly is reached"


def test_every_limit_stands_beside_what_was_measured() -> None:
    checks = quality_gate.check(LIMITS, GOOD, replace(EQUAL, difference=0.01), None)
    assert [(check.relation, check.asked, check.measured, check.passed) for check in checks] == [
        ("≥", 0.9, 0.94, True),
        ("≥", 0.5, 0.8, True),
        ("≤", 0.1, 0.02, True),
        ("≥", -0.02, 0.01, True),
    ]


def test_the_accepted_share_is_the_one_at_the_workflows_threshold() -> None:
    """The share at the best threshold in hindsight on the test images would pass."""
    [sentence] = missed(replace(GOOD, test_accepted=0.49))
    assert sentence.startswith("the share accepted at the workflow's threshold 0.49 is below")


def test_no_gate_lets_everything_pass() -> None:
    assert judge({}, Metrics(None), None, GOOD).passed


def test_each_missed_figure_is_a_sentence_with_its_numbers() -> None:
    bad = replace(
        GOOD,
        test_accuracy=0.87,
        test_accuracy_low=0.79,
        test_accuracy_high=0.92,
        test_accepted=0.41,
        test_ece=0.13,
    )
    gate = judge(LIMITS, bad)
    assert (gate.passed, gate.forced) == (False, False)
    assert gate.missed == (
        "test accuracy 0.87 is below minimum_accuracy 0.9 (95 % interval 0.79 to 0.92)",
        "the share accepted at the workflow's threshold 0.41 is below minimum_accepted 0.5",
        "the calibration error 0.13 is above maximum_ece 0.1",
    )


def test_what_is_not_measured_is_missed() -> None:
    assert missed(Metrics(validation_accuracy=0.99)) == (
        "test accuracy is not measured, and minimum_accuracy is 0.9",
        "the share accepted at the workflow's threshold is not measured, "
        "and minimum_accepted is 0.5",
        "the calibration error is not measured, and maximum_ece is 0.1",
    )


def test_what_is_not_a_number_is_missed() -> None:
    assert missed(replace(GOOD, test_ece=float("nan"))) == (
        "the calibration error nan is above maximum_ece 0.1",
    )


def test_worse_than_the_live_model_by_more_than_chance_and_margin_is_missed() -> None:
    worse = replace(
        EQUAL, only_new_right=1, only_live_right=11, difference=-0.05, interval=(-0.09, -0.01)
    )
    assert missed(GOOD, worse) == (
        "the accuracy on 200 common test images is 0.05 below that of the live model live "
        "(95 % interval 0.01 to 0.09), and live_margin is 0.02",
    )


@pytest.mark.parametrize(
    ("difference", "interval"),
    [
        (-0.05, (-0.11, 0.01)),
        (-0.02, (-0.03, -0.01)),
        (-0.01, (-0.015, -0.005)),
        (0.05, (0.01, 0.09)),
    ],
    ids=["chance explains it", "at the margin", "within the margin", "better"],
)
def test_chance_and_the_margin_are_forgiven(
    difference: float, interval: tuple[float, float]
) -> None:
    assert missed(GOOD, replace(EQUAL, difference=difference, interval=interval)) == ()


def test_a_comparison_image_by_image_is_preferred_to_the_metrics() -> None:
    assert missed(GOOD, EQUAL, live=replace(GOOD, test_accuracy=0.999)) == ()


def test_without_common_images_the_same_figure_of_both_is_compared() -> None:
    assert missed(GOOD, None, live=Metrics(None, test_accuracy=0.98)) == (
        "test accuracy 0.94 is below the live model's 0.98, and live_margin is 0.02",
    )
    assert missed(GOOD, None, live=Metrics(None, test_accuracy=0.965)) == (), (
        "within the new one's interval"
    )
    assert missed(GOOD, None, live=Metrics(validation_accuracy=0.96)) == (
        "validation accuracy 0.92 is below the live model's 0.96, and live_margin is 0.02",
    )
    assert missed(GOOD, None, live=Metrics(validation_accuracy=0.93)) == ()
    assert missed(GOOD, None, live=Metrics(None)) == (), "nothing in common"


def test_without_a_margin_the_live_model_does_not_count() -> None:
    worse = replace(EQUAL, difference=-0.5, interval=(-0.6, -0.4))
    assert judge({"minimum_accuracy": 0.9}, GOOD, worse, GOOD).passed


def test_an_unknown_name_is_one_sentence() -> None:
    quality_gate.validate(LIMITS, "terraform/targets/dev.tfvars")
    with pytest.raises(UserError) as error:
        quality_gate.validate(
            {"minimum_acuracy": 0.9, "maximum_ece": 0.1}, "terraform/targets/dev.tfvars"
        )
    assert str(error.value) == (
        "quality_gate names minimum_acuracy; it may name minimum_accuracy, "
        "minimum_accepted, maximum_ece, live_margin only. "
        "Correct it in terraform/targets/dev.tfvars."
    )
