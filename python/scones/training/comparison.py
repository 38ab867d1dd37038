"""Two models on the same test images: who is right where, and whether chance explains the difference."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, sqrt

from container.evaluation.metrics import wilson
from scones.handover import Comparison
from scones.training.predictions import Prediction


def compare(live: str, new: Sequence[Prediction], old: Sequence[Prediction]) -> Comparison | None:
    """`new` answers beside the `old` ones of the model named `live`, image by image; None without a common image.

    An image is the same where its content and its class are, whatever its key.
    """
    answers = {(one.sha256, one.truth): one for one in old}
    pairs = [
        (one, answers[one.sha256, one.truth]) for one in new if (one.sha256, one.truth) in answers
    ]
    if not pairs:
        return None
    rights = [(ours.right, theirs.right) for ours, theirs in pairs]
    both, ours_only = rights.count((True, True)), rights.count((True, False))
    theirs_only, neither = rights.count((False, True)), rights.count((False, False))
    return Comparison(
        live=live,
        images=len(pairs),
        both_right=both,
        only_new_right=ours_only,
        only_live_right=theirs_only,
        both_wrong=neither,
        p_value=mcnemar(ours_only, theirs_only),
        difference=(ours_only - theirs_only) / len(pairs),
        interval=interval(both, ours_only, theirs_only, neither),
        changed=tuple(sorted(ours.key for ours, theirs in pairs if ours.answer != theirs.answer)),
    )


def mcnemar(only_new: int, only_live: int) -> float:
    """The two-sided p-value of McNemar's exact test: of the images that one model alone gets right, each gets half.

    McNemar, "Note on the sampling error of the difference between correlated proportions", Psychometrika 12 (1947).
    """
    discordant = only_new + only_live
    tail = sum(comb(discordant, fewer) for fewer in range(min(only_new, only_live) + 1))
    return min(1.0, 2 * tail / (1 << discordant))


def interval(both: int, only_new: int, only_live: int, neither: int) -> tuple[float, float]:
    """The 95 % interval of the difference between two accuracies on the same images, new less live.

    Method 10 of Newcombe, "Improved confidence intervals for the difference between binomial proportions based on
    paired data", Statistics in Medicine 17 (1998): Wilson's intervals of both, put together by their correlation.
    """
    images = both + only_new + only_live + neither
    new, live = (both + only_new) / images, (both + only_live) / images
    (new_low, new_high), (live_low, live_high) = (
        wilson(both + only_new, images),
        wilson(both + only_live, images),
    )
    below = _together(
        new - new_low, live_high - live, _correlation(both, only_new, only_live, neither)
    )
    above = _together(
        new_high - new, live - live_low, _correlation(both, only_new, only_live, neither)
    )
    return new - live - below, new - live + above


def _correlation(both: int, only_new: int, only_live: int, neither: int) -> float:
    """Phi of the table, corrected for continuity where it is positive; 0 where a row or a column is empty."""
    margins = (both + only_new) * (only_live + neither) * (both + only_live) * (only_new + neither)
    product = float(both * neither - only_new * only_live)
    if product > 0:
        product = max(product - (both + only_new + only_live + neither) / 2, 0.0)
    return product / sqrt(margins) if margins else 0.0


def _together(one: float, other: float, correlation: float) -> float:
    """The half-width of a difference between two figures with these half-widths."""
    return sqrt(max(0.0, one**2 - 2 * correlation * one * other + other**2))
