"""Two-sample tests by permutation: did two groups of pictures come from the same source?

If they did, which picture is in which group is chance, and every other division of the pooled pictures was as likely as
the real one. A p-value is the share of divisions whose statistic is at least as large: exact at any number of pictures,
whatever the distribution (Phipson & Smyth 2010, "Permutation P-values should never be zero").

A statistic is told about many divisions at once: a row each, true where a picture of the pool is in the window.
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

LEAST = 10_000  # divisions, the real one among them
FINENESS = 50  # times 1 / alpha: as many divisions as it takes when there may be something
BINS = 10
AT_ONCE = 2_500  # divisions: what stays in a processor's cache
TINY = 1e-9
ROUNDING = (
    1e-5  # equal statistics may differ by so much, relatively, when computed in another order
)


def p_values(
    statistics: Mapping[str, Statistic], real: Divisions, alpha: float, random: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """Of each statistic its value for the `real` division [N], and its p-value among random ones.

    There are so many that p-values well below `alpha` can be reached, also when all statistics share it; fewer, once
    none of them can end below it any more.
    """
    observed = {name: float(statistic(real[None])[0]) for name, statistic in statistics.items()}
    as_large = dict.fromkeys(statistics, 1)  # the real division is one of those that were likely
    done, most = 1, max(LEAST, math.ceil(FINENESS / alpha))
    while done < most:
        divisions = random.permuted(np.tile(real, (min(AT_ONCE, most - done), 1)), axis=1)
        done += len(divisions)
        for name, statistic in statistics.items():
            least = observed[name] - ROUNDING * abs(observed[name])
            as_large[name] += int((statistic(divisions) >= least).sum())
        if done >= LEAST and min(as_large.values()) > alpha * most:
            break
    return {name: (observed[name], as_large[name] / done) for name in statistics}


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values: with those below alpha taken as found, one false find or more is less likely than alpha.

    Holm 1979, "A simple sequentially rejective multiple test procedure". The tests may depend on one another.
    """
    adjusted, highest = [0.0] * len(p_values), 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def mmd(points: Floats) -> Statistic:
    """Squared maximum mean discrepancy of `points` [N, D], unbiased, with a Gaussian kernel.

    Gretton et al. 2012, "A kernel two-sample test", eq. 3; the kernel's width is the median distance (section 8).
    Rabanser et al. 2019, "Failing loudly", compare it with others on representations of pictures. Every dimension
    counts alike, and every point: they are scaled to one spread and one length, which finds new objects sooner.
    """
    scaled = (points - points.mean(0)).astype(np.float64)
    scaled /= scaled.std(0) + TINY
    scaled /= np.linalg.norm(scaled, axis=1, keepdims=True) + TINY
    norms = (scaled**2).sum(1)
    distances = np.maximum(norms[:, None] + norms - 2 * scaled @ scaled.T, 0)
    median = np.median(distances[np.triu_indices(len(points), 1)])
    kernel = np.exp(-distances / (2 * median if median > 0 else 1)).astype(np.float32)
    np.fill_diagonal(kernel, 0)
    rows, total = kernel.sum(1, dtype=np.float64), kernel.sum(dtype=np.float64)

    def statistic(divisions: Divisions) -> Floats:
        chosen = divisions.astype(np.float32)
        window = int(divisions[0].sum())
        others = len(points) - window
        within = np.einsum("ij,ij->i", chosen @ kernel, chosen, dtype=np.float64)
        across = divisions @ rows - within
        rest = total - within - 2 * across
        alike = within / (window * (window - 1)) + rest / (others * (others - 1))
        return np.asarray(alike - 2 * across / (window * others))

    return statistic


def psi(values: Floats, random: np.random.Generator) -> Statistic:
    """Population stability index of `values` [N] over the deciles of what is not in the window.

    Siddiqi 2006, "Credit risk scorecards"; its distribution: Yurdakul & Naranjo 2020, "Statistical properties of the
    population stability index". Half a picture more in every bin keeps the logarithms finite. Equal values are put in
    an order by chance.
    """
    order = np.lexsort((random.random(len(values)), values))

    def statistic(divisions: Divisions) -> Floats:
        count, window = len(divisions), int(divisions[0].sum())
        others = len(values) - window
        places = np.nonzero(~divisions[:, order])[1].reshape(count, others)
        first = -(-np.arange(1, BINS) * others // BINS)  # the baseline's rank at which a bin begins
        below = np.concatenate(
            (np.zeros((count, 1)), places[:, first] - first, np.full((count, 1), window)), axis=1
        )
        expected = shares(np.diff(np.concatenate(([0], first, [others]))), others)
        found = shares(np.diff(below, axis=1), window)
        return np.asarray(((found - expected) * np.log(found / expected)).sum(1))

    return statistic


def shares(counts: npt.NDArray[Any], total: int) -> Floats:
    return np.asarray((counts + 0.5) / (total + 0.5 * BINS))


def rank_shift(values: Floats) -> Statistic:
    """How far the window's `values` lie above or below the others': 0 not at all, 1 when all lie on one side.

    Mann & Whitney 1947: twice the distance from one half of the chance that one of the window is the greater.
    """
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (sizes.cumsum() - (sizes - 1) / 2)[group]

    def statistic(divisions: Divisions) -> Floats:
        window = int(divisions[0].sum())
        greater = divisions @ ranks - window * (window + 1) / 2
        return np.asarray(np.abs(2 * greater / (window * (len(values) - window)) - 1))

    return statistic


def mix_shift(labels: npt.NDArray[np.int64]) -> Statistic:
    """Pearson's chi-squared of the table of groups by `labels` [N]."""
    present = np.eye(int(labels.max()) + 1)[labels]
    totals = present.sum(0)
    present, totals = present[:, totals > 0], totals[totals > 0]

    def statistic(divisions: Divisions) -> Floats:
        window = divisions[0].sum() / len(labels)
        expected = totals * window
        found = divisions @ present
        return np.asarray((((found - expected) ** 2) / expected).sum(1) / (1 - window))

    return statistic
