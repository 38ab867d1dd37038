"""The statistics against slower computations, and p-values where there is no difference."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from monitor import permutation
from monitor.permutation import Statistic

RANDOM = np.random.default_rng(0)
WINDOW, BASELINE = 30, 40
REAL = np.arange(BASELINE + WINDOW) >= BASELINE


def once(statistic: Statistic, division: np.ndarray = REAL) -> float:
    return float(statistic(division[None])[0])


def test_the_discrepancy_is_that_of_the_formula() -> None:
    points = RANDOM.normal(size=(70, 5))
    scaled = (points - points.mean(0)) / points.std(0)
    scaled /= np.linalg.norm(scaled, axis=1, keepdims=True)
    squared = ((scaled[:, None] - scaled) ** 2).sum(2)
    width = np.median([squared[pair] for pair in itertools.combinations(range(70), 2)])

    def mean(rows: range, columns: range) -> float:
        return float(
            np.mean([np.exp(-squared[i, j] / (2 * width)) for i in rows for j in columns if i != j])
        )

    baseline, window = range(40), range(40, 70)
    expected = mean(baseline, baseline) + mean(window, window) - 2 * mean(baseline, window)
    assert once(permutation.mmd(points)) == pytest.approx(expected, abs=1e-6)


def test_points_that_are_all_alike_do_not_differ() -> None:
    assert once(permutation.mmd(np.ones((70, 5)))) == pytest.approx(0, abs=1e-6)


def test_the_stability_index_counts_by_the_deciles_of_the_baseline() -> None:
    values = RANDOM.normal(size=70)
    values[BASELINE:] += 1
    edges = np.sort(values[:BASELINE])[4::4]  # forty images, four a bin
    counts = np.bincount(np.searchsorted(edges, values[BASELINE:], side="right"), minlength=10)
    before, now = (np.full(10, 4) + 0.5) / (40 + 5), (counts + 0.5) / (30 + 5)
    expected = ((now - before) * np.log(now / before)).sum()
    assert once(permutation.psi(values, RANDOM)) == pytest.approx(expected)


def test_the_rank_shift_is_one_where_all_lie_on_one_side_and_none_where_all_are_equal() -> None:
    assert once(permutation.rank_shift(REAL.astype(float))) == pytest.approx(1)
    assert once(permutation.rank_shift(-REAL.astype(float))) == pytest.approx(1)
    assert once(permutation.rank_shift(np.ones(70))) == pytest.approx(0)


def test_the_mix_is_judged_by_pearsons_statistic() -> None:
    labels = np.array([0] * 30 + [2] * 10 + [0] * 10 + [2] * 20)  # class 1 never comes
    # The table is 30, 10 and 10, 20.
    expected = 70 * (30 * 20 - 10 * 10) ** 2 / (40 * 30 * 40 * 30)
    assert once(permutation.mix_shift(labels)) == pytest.approx(expected)
    assert once(permutation.mix_shift(np.zeros(70, dtype=int))) == pytest.approx(0)


def test_each_of_many_divisions_has_the_statistic_that_it_has_alone() -> None:
    values, random = RANDOM.normal(size=70), np.random.default_rng(1)
    divisions = random.permuted(np.tile(REAL, (20, 1)), axis=1)
    for statistic in (
        permutation.mmd(RANDOM.normal(size=(70, 5))),
        permutation.psi(values, random),
        permutation.rank_shift(values),
        permutation.mix_shift(RANDOM.integers(0, 3, 70)),
    ):
        alone = [once(statistic, division) for division in divisions]
        assert statistic(divisions) == pytest.approx(alone, rel=1e-4, abs=1e-6)


def test_what_is_there_gets_the_smallest_p_value_that_there_is() -> None:
    statistics = {"shift": permutation.rank_shift(REAL + RANDOM.normal(size=70) / 10)}
    [(observed, p_value)] = permutation.p_values(statistics, REAL, 0.001, RANDOM).values()
    assert observed == 1
    assert p_value == 1 / 50_000


def test_nothing_is_found_as_often_as_chance_allows() -> None:
    p_values, windows = [], 150
    for seed in range(windows):
        random = np.random.default_rng(seed)
        statistics = {
            "mmd": permutation.mmd(random.normal(size=(70, 3))),
            "psi": permutation.psi(random.normal(size=70).round(1), random),
            "rank": permutation.rank_shift(random.normal(size=70).round(1)),
            "mix": permutation.mix_shift(random.integers(0, 2, 70)),
        }
        p_values.append(
            [p for _, p in permutation.p_values(statistics, REAL, 0.05, random).values()]
        )
    rates = (np.array(p_values) <= 0.1).mean(0)
    assert (rates < 0.1 + 3 * np.sqrt(0.1 * 0.9 / windows)).all()
    assert (rates > 0.03).all()


def test_holms_procedure_multiplies_by_the_tests_that_are_left() -> None:
    assert permutation.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert permutation.holm([0.5, 0.9]) == [1.0, 1.0]
    assert permutation.holm([]) == []
