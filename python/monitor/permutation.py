"""Two-sample permutation tests: do two groups of images come from the same distribution?

If they do, the division of the pooled images into groups is random, and every other division was as
likely as the real one. A p-value is the share of divisions whose statistic is at least as large:
exact for any number of images and any distribution (Phipson & Smyth 2010, "Permutation P-values
should never be zero").

A statistic is computed for many divisions at once: boolean [divisions, N], a row per division, true
where an image of the pool is in the window.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Divisions = npt.NDArray[np.bool_]
Statistic = Callable[[Divisions], Floats]

LEAST_DIVISIONS = 10_000  # the real one among them
RESOLUTION = 50  # times 1 / alpha: divisions drawn where the smallest p-value may be below alpha
BINS = 10
BATCH = 2_500  # divisions: what stays in a processor's cache
TINY = 1e-9
# Equal statistics may differ by this much, relatively, if computed in another order.
ROUNDING = 1e-5


def p_values(
    statistics: Mapping[str, Statistic],
    in_window: Divisions,
    alpha: float,
    random: np.random.Generator,
) -> dict[str, tuple[float, float]]:
    """For each statistic its value for the real division `in_window` [N], and its p-value.

    Draws enough random divisions to reach p-values well below `alpha`, also after adjustment for
    the number of statistics; fewer once no p-value can end below alpha.
    """
    observed = {}
    limits = {}
    for name, statistic in statistics.items():
        value = float(statistic(in_window[None])[0])
        observed[name] = value
        limits[name] = value - ROUNDING * abs(value)
    as_large = dict.fromkeys(statistics, 1)  # the real division counts as one of them
    drawn = 1
    most = max(LEAST_DIVISIONS, math.ceil(RESOLUTION / alpha))
    while drawn < most:
        batch = min(BATCH, most - drawn)
        divisions = random.permuted(np.tile(in_window, (batch, 1)), axis=1)
        drawn += batch
        for name, statistic in statistics.items():
            as_large[name] += int((statistic(divisions) >= limits[name]).sum())
        if drawn >= LEAST_DIVISIONS and min(as_large.values()) > alpha * most:
            break
    return {name: (observed[name], as_large[name] / drawn) for name in statistics}


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values so that the probability of any false positive below alpha is at most alpha.

    Holm 1979, "A simple sequentially rejective multiple test procedure". The tests may depend on
    one another.
    """
    count = len(p_values)
    adjusted = [0.0] * count
    highest = 0.0
    ascending = sorted(range(count), key=p_values.__getitem__)
    for rank, index in enumerate(ascending):
        corrected = min(1.0, (count - rank) * p_values[index])
        highest = max(highest, corrected)
        adjusted[index] = highest
    return adjusted


def mmd(points: Floats) -> Statistic:
    """Squared maximum mean discrepancy of `points` [N, D], unbiased, with a Gaussian kernel.

    Gretton et al. 2012, "A kernel two-sample test", eq. 3; the kernel's width is the median
    distance (section 8). Rabanser et al. 2019, "Failing loudly", compare it with others on
    representations of images. Dimensions are scaled to one standard deviation and points to one
    length, which detects new objects sooner.
    """
    scaled = (points - points.mean(0)).astype(np.float64)
    scaled /= scaled.std(0) + TINY
    scaled /= (
        np.linalg.norm(
            scaled,
            axis=1,
            keepdims=True,
        )
        + TINY
    )
    norms = (scaled**2).sum(1)
    products = scaled @ scaled.T
    distances = np.maximum(norms[:, None] + norms - 2 * products, 0)
    pairs = np.triu_indices(len(points), 1)
    median = np.median(distances[pairs])
    width = 2 * median if median > 0 else 1
    kernel = np.exp(-distances / width).astype(np.float32)
    np.fill_diagonal(kernel, 0)
    row_sums = kernel.sum(1, dtype=np.float64)
    total = kernel.sum(dtype=np.float64)

    def statistic(divisions: Divisions) -> Floats:
        chosen = divisions.astype(np.float32)
        window = int(divisions[0].sum())
        others = len(points) - window
        within_window = np.einsum(
            "ij,ij->i",
            chosen @ kernel,
            chosen,
            dtype=np.float64,
        )
        across = divisions @ row_sums - within_window
        within_others = total - within_window - 2 * across
        mean_window = within_window / (window * (window - 1))
        mean_others = within_others / (others * (others - 1))
        mean_across = across / (window * others)
        return np.asarray(mean_window + mean_others - 2 * mean_across)

    return statistic


def psi(values: Floats, random: np.random.Generator) -> Statistic:
    """Population stability index of `values` [N] over the deciles of the images outside the window.

    Siddiqi 2006, "Credit risk scorecards"; its distribution: Yurdakul & Naranjo 2020, "Statistical
    properties of the population stability index". Half an image more in every bin keeps the
    logarithms finite. Equal values are ordered randomly.
    """
    order = np.lexsort((random.random(len(values)), values))

    def statistic(divisions: Divisions) -> Floats:
        count = len(divisions)
        window = int(divisions[0].sum())
        others = len(values) - window
        outside = ~divisions[:, order]
        ranks = np.nonzero(outside)[1].reshape(count, others)
        # The ranks among the others at which the bins begin: deciles, rounded up.
        starts = -(-np.arange(1, BINS) * others // BINS)
        window_starts = ranks[:, starts] - starts
        window_edges = np.concatenate(
            (np.zeros((count, 1)), window_starts, np.full((count, 1), window)),
            axis=1,
        )
        other_edges = np.concatenate(([0], starts, [others]))
        expected = smoothed_shares(np.diff(other_edges), others)
        actual = smoothed_shares(np.diff(window_edges, axis=1), window)
        terms = (actual - expected) * np.log(actual / expected)
        return np.asarray(terms.sum(1))

    return statistic


def smoothed_shares(counts: npt.NDArray[Any], total: int) -> Floats:
    return np.asarray((counts + 0.5) / (total + 0.5 * BINS))


def rank_shift(values: Floats) -> Statistic:
    """How far the window's `values` lie above or below the others': from 0 to 1.

    Mann & Whitney 1947: twice the distance from one half of the probability that a value of the
    window is the greater one.
    """
    _, group, sizes = np.unique(
        values,
        return_inverse=True,
        return_counts=True,
    )
    mean_ranks = sizes.cumsum() - (sizes - 1) / 2
    ranks = mean_ranks[group]

    def statistic(divisions: Divisions) -> Floats:
        window = int(divisions[0].sum())
        others = len(values) - window
        least_rank_sum = window * (window + 1) / 2
        greater_pairs = divisions @ ranks - least_rank_sum
        return np.asarray(np.abs(2 * greater_pairs / (window * others) - 1))

    return statistic


def mix_shift(labels: npt.NDArray[np.int64]) -> Statistic:
    """Pearson's chi-squared statistic of the table of groups by `labels` [N]."""
    one_hot = np.eye(int(labels.max()) + 1)[labels]
    totals = one_hot.sum(0)
    one_hot = one_hot[:, totals > 0]
    totals = totals[totals > 0]

    def statistic(divisions: Divisions) -> Floats:
        window_share = divisions[0].sum() / len(labels)
        expected = totals * window_share
        actual = divisions @ one_hot
        terms = (actual - expected) ** 2 / expected
        return np.asarray(terms.sum(1) / (1 - window_share))

    return statistic
