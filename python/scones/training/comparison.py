"""Two models on the same test images: which is right where, and whether chance explains it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import comb, sqrt

from container.evaluation.metrics import wilson
from scones.handover import Comparison
from scones.training.artifact import Prediction


def compare(
    live: str,
    new: Sequence[Prediction],
    old: Sequence[Prediction],
) -> Comparison | None:
    """The `new` answers beside the `old` ones of the model `live`; None without a common image.

    An image is the same if its content and its class are, whatever its key.
    """
    old_by_image = {(answer.sha256, answer.label): answer for answer in old}
    cells: Counter[tuple[bool, bool]] = Counter()
    changed = []
    for ours in new:
        theirs = old_by_image.get((ours.sha256, ours.label))
        if theirs is None:
            continue
        cells[ours.correct, theirs.correct] += 1
        if ours.predicted != theirs.predicted:
            changed.append(ours.key)
    images = cells.total()
    if not images:
        return None
    both = cells[True, True]
    only_new = cells[True, False]
    only_live = cells[False, True]
    neither = cells[False, False]
    return Comparison(
        live=live,
        images=images,
        both_right=both,
        only_new_right=only_new,
        only_live_right=only_live,
        both_wrong=neither,
        p_value=mcnemar(only_new, only_live),
        difference=(only_new - only_live) / images,
        interval=interval(both, only_new, only_live, neither),
        changed=tuple(sorted(changed)),
    )


def mcnemar(only_new: int, only_live: int) -> float:
    """The two-sided p-value of McNemar's exact test.

    The null hypothesis: of the images that one model alone gets right, each model gets half.
    McNemar, "Note on the sampling error of the difference between correlated proportions",
    Psychometrika 12 (1947).
    """
    discordant = only_new + only_live
    fewer = min(only_new, only_live)
    tail = sum(comb(discordant, successes) for successes in range(fewer + 1))
    return min(1.0, 2 * tail / (1 << discordant))


def interval(both: int, only_new: int, only_live: int, neither: int) -> tuple[float, float]:
    """The 95 % interval of the difference of two accuracies on the same images, new less live.

    Method 10 of Newcombe, "Improved confidence intervals for the difference between binomial
    proportions based on paired data", Statistics in Medicine 17 (1998): the Wilson intervals of
    both accuracies, combined by their correlation.
    """
    images = both + only_new + only_live + neither
    new_right = both + only_new
    live_right = both + only_live
    new = new_right / images
    live = live_right / images
    new_low, new_high = wilson(new_right, images)
    live_low, live_high = wilson(live_right, images)
    correlation = _correlation(both, only_new, only_live, neither)
    below = _half_width(new - new_low, live_high - live, correlation)
    above = _half_width(new_high - new, live - live_low, correlation)
    return new - live - below, new - live + above


def _correlation(both: int, only_new: int, only_live: int, neither: int) -> float:
    """Phi of the table, corrected for continuity if positive; 0 where a row or column is empty."""
    new_right = both + only_new
    new_wrong = only_live + neither
    live_right = both + only_live
    live_wrong = only_new + neither
    margins = new_right * new_wrong * live_right * live_wrong
    if not margins:
        return 0.0
    product = float(both * neither - only_new * only_live)
    if product > 0:
        continuity = (new_right + new_wrong) / 2
        product = max(product - continuity, 0.0)
    return product / sqrt(margins)


def _half_width(new: float, live: float, correlation: float) -> float:
    """The half-width of a difference of two figures with these half-widths."""
    square = new**2 - 2 * correlation * new * live + live**2
    return sqrt(max(0.0, square))
