"""Whether a window of pictures still looks like the baseline that training wrote, and by what it differs if not.

Every feature has a test of its own, all by the same permutations; Holm's procedure keeps the chance of a false alarm
in a window below `alpha`, whatever the number of pictures. The usual reading of a population stability index ("shifted
from 0.2 on") is shown, but decides nothing: among a hundred pictures chance alone often brings 0.2 about.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from container.evaluation.baseline import Baseline, Features
from monitor import permutation, wording

ALPHA = 0.001
LEAST_ALPHA = 1e-4
LEAST_IMAGES = (
    30  # with fewer, even a large drift may go unseen: no verdict is better than a calm one
)
LEAST_BASELINE = 20
MANY = ("embedding", "outlines")  # features of many numbers a picture
SIMPLE = ("brightness", "contrast", "sharpness", "saturation", "warmth")
SEED = 0

Value = float | Mapping[str, float] | None


@dataclass(frozen=True)
class Finding:
    """One feature compared.

    Attributes:
        measure: what the statistic is: "MMD²", "PSI", "rank shift" or "chi²".
        p_value: how likely chance alone brings such a statistic about.
        adjusted: the same, with all the tests of the window taken into account.
        baseline, window: the feature's means, or shares by class; None where no number tells anything.
        reading: what a PSI is conventionally taken for.
        sentence: what has changed, for people; None where nothing has.
    """

    name: str
    measure: str
    statistic: float
    p_value: float
    adjusted: float
    drifted: bool
    baseline: Value
    window: Value
    reading: str | None = None
    sentence: str | None = None


def compare(
    baseline: Baseline, window: Features, alpha: float = ALPHA, seed: int = SEED
) -> tuple[Finding, ...]:
    """The tests of a window, always with the same result for the same pictures. Takes under a second for 200 pictures.

    Raises:
        ValueError: alpha is no share that can be tested, or one side has fewer than two pictures.
    """
    if not LEAST_ALPHA <= alpha < 1:
        raise ValueError(f"alpha must lie between {LEAST_ALPHA} and 1, not be {alpha}.")
    if min(len(baseline.features), len(window)) < 2:
        raise ValueError("There must be two pictures or more on either side.")
    random = np.random.default_rng(seed)
    pool = baseline.features + window
    statistics = {
        **{name: permutation.mmd(getattr(pool, name)) for name in MANY},
        **{name: permutation.psi(getattr(pool, name), random) for name in SIMPLE},
        "confidence": permutation.rank_shift(pool.confidence),
        "classes": permutation.mix_shift(pool.predicted),
    }
    real = np.arange(len(pool)) >= len(baseline.features)
    found = permutation.p_values(statistics, real, alpha, random)
    adjusted = permutation.holm([p_value for _, p_value in found.values()])
    return tuple(
        judged(baseline, window, name, statistic, p_value, corrected, corrected <= alpha)
        for (name, (statistic, p_value)), corrected in zip(found.items(), adjusted, strict=True)
    )


def judged(
    baseline: Baseline,
    window: Features,
    name: str,
    statistic: float,
    p_value: float,
    adjusted: float,
    drifted: bool,
) -> Finding:
    before, now = (
        value(baseline.features, name, baseline.classes),
        value(window, name, baseline.classes),
    )
    moved = 0.0
    if isinstance(before, float) and isinstance(now, float):
        spread = float(getattr(baseline.features, name).std())
        moved = (now - before) / spread if spread else math.copysign(math.inf, now - before)
    return Finding(
        name,
        wording.MEASURES[name],
        round(statistic, 6),
        p_value,
        adjusted,
        drifted,
        before,
        now,
        wording.reading(statistic) if name in SIMPLE else None,
        wording.sentence(name, before, now, moved, statistic) if drifted else None,
    )


def value(features: Features, name: str, classes: Sequence[str]) -> Value:
    """A feature's mean, or the shares of the classes; None for a feature of many numbers."""
    if name in MANY:
        return None
    if name == "classes":
        counts = np.bincount(features.predicted, minlength=len(classes))
        return {
            label: round(int(count) / len(features), 4)
            for label, count in zip(classes, counts, strict=True)
        }
    return round(float(getattr(features, name).mean()), 4)
