"""Two models on the same images; the numbers were worked out by hand, or are published ones."""

from __future__ import annotations

from itertools import product

import pytest

from container.evaluation.metrics import wilson
from scones.training.artifact import Prediction
from scones.training.comparison import compare, interval, mcnemar


def answers(*rights: int, dataset: str = "image", label: str = "bicycle") -> list[Prediction]:
    """One answer for each flag, right where it is 1."""
    other = "motorcycle" if label == "bicycle" else "bicycle"
    return [
        Prediction(f"test/{n}.png", f"{dataset} {n}", label, label if right else other)
        for n, right in enumerate(rights)
    ]


def test_every_image_falls_into_one_cell_of_the_table() -> None:
    comparison = compare("live", answers(1, 1, 1, 0, 0), answers(1, 1, 0, 1, 0))
    assert comparison is not None
    assert (comparison.live, comparison.images) == ("live", 5)
    assert (
        comparison.both_right,
        comparison.only_new_right,
        comparison.only_live_right,
        comparison.both_wrong,
    ) == (
        2,
        1,
        1,
        1,
    )
    assert (comparison.difference, comparison.p_value) == (0.0, 1.0)
    assert comparison.changed == ("test/2.png", "test/3.png")


def test_images_are_the_same_by_content_and_class_and_not_by_key() -> None:
    old = [
        Prediction("old/key.png", "image 1", "bicycle", "bicycle"),
        *answers(1, 1, dataset="another dataset"),
    ]
    relabelled = Prediction("test/0.png", "image 0", "motorcycle", "motorcycle")
    comparison = compare("live", answers(1, 0, 1), [*old, relabelled])
    assert comparison is not None
    assert (comparison.images, comparison.only_live_right, comparison.changed) == (
        1,
        1,
        ("test/1.png",),
    )


def test_two_wrong_answers_that_differ_are_a_change_too() -> None:
    new = [Prediction("test/0.png", "image 0", "bus", "bicycle")]
    old = [Prediction("test/0.png", "image 0", "bus", "motorcycle")]
    comparison = compare("live", new, old)
    assert comparison is not None
    assert (comparison.both_wrong, comparison.changed) == (1, ("test/0.png",))


def test_without_a_common_image_there_is_nothing_to_compare() -> None:
    assert compare("live", answers(1, 1), answers(1, 1, dataset="another dataset")) is None
    assert compare("live", answers(1), []) is None
    assert compare("live", [], answers(1)) is None


@pytest.mark.parametrize(
    ("only_new", "only_live", "p"),
    [
        (0, 0, 1.0),  # no discordant image
        (1, 0, 1.0),  # 2 · 1/2
        (5, 5, 1.0),  # 2 · 638/1024, and no p-value is above 1
        (0, 5, 2 / 32),
        (1, 7, 2 * (1 + 8) / 256),
        (6, 16, 2 * (1 + 22 + 231 + 1540 + 7315 + 26334 + 74613) / 4194304),
    ],
)
def test_mcnemars_exact_test_counts_the_images_that_one_model_alone_gets_right(
    only_new: int, only_live: int, p: float
) -> None:
    assert (
        mcnemar(only_new, only_live) == mcnemar(only_live, only_new) == pytest.approx(p, abs=1e-15)
    )


def test_many_images_need_no_approximation() -> None:
    assert mcnemar(0, 5000) == 0.0
    assert mcnemar(2500, 2501) == 1.0


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        (
            (59, 6, 16, 80),
            -0.1186,
            -0.0046,
        ),  # complete response before and after consolidation therapy, Cavo 2012
        ((1, 1, 7, 12), -0.5069, -0.0256),  # airway hyper-responsiveness, Bentur 2009
    ],
)
def test_the_interval_agrees_with_published_ones(
    table: tuple[int, int, int, int], low: float, high: float
) -> None:
    assert interval(*table) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_holds_the_difference_stays_within_bounds_and_turns_with_the_models() -> None:
    for both, new, live, neither in product((0, 1, 3, 50), repeat=4):
        if images := both + new + live + neither:
            low, high = interval(both, new, live, neither)
            assert -1 - 1e-9 <= low <= (new - live) / images <= high <= 1 + 1e-9
            assert interval(both, live, new, neither) == pytest.approx((-high, -low), abs=1e-12)


def test_models_that_agree_on_every_image_are_surely_close() -> None:
    low, high = interval(190, 0, 0, 10)
    assert (low, high) == pytest.approx((-high, high))
    assert 0 < high < interval(171, 19, 19, 0)[1]


def test_an_accuracys_interval_is_wilsons() -> None:
    assert wilson(81, 263) == pytest.approx(
        (0.2553, 0.3662), abs=5e-5
    )  # the example in Newcombe 1998
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=5e-5)
