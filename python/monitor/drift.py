"""Compares a window of captured images with the baseline of the model that training wrote.

Every feature has its own test, and all tests use the same permutations; Holm's procedure keeps the
probability of a false alarm in a window below `alpha`, whatever the number of images. The usual
reading of a population stability index ("shifted from 0.2 on") is not used: among a hundred
images, chance alone often yields 0.2.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from container.evaluation.baseline import Baseline, Features
from monitor import descriptions, permutation

ALPHA = 0.001
LEAST_ALPHA = 1e-4
# With fewer, even a large drift may go unseen: no verdict is better than a reassuring one.
LEAST_IMAGES = 30
LEAST_BASELINE = 20
VECTOR_FEATURES = ("embedding", "outlines")
SCALAR_FEATURES = (
    "brightness",
    "contrast",
    "sharpness",
    "saturation",
    "warmth",
)
SEED = 0

FeatureValue = float | Mapping[str, float] | None


@dataclass(frozen=True)
class Finding:
    """The test of one feature.

    Attributes:
        measure: what the statistic is: "MMD²", "PSI", "rank shift" or "chi²".
        p_value: the probability of such a statistic by chance alone.
        adjusted: the p-value adjusted for all the tests of the window.
        baseline, window: means of the feature, or shares by class; None for a vector feature.
        sentence: what has changed; None where nothing has.
    """

    name: str
    measure: str
    statistic: float
    p_value: float
    adjusted: float
    drifted: bool
    baseline: FeatureValue
    window: FeatureValue
    sentence: str | None


@dataclass(frozen=True)
class DriftResult:
    """A window of captured images compared with the baseline.

    Attributes:
        drifted: None without a verdict, for a reason that `sentences` holds.
        images: number of distinct images, without `repeated` and `unreadable` ones.
        since, until: times of the first and the last record; None without records.
        sentences: the result in plain words.
    """

    drifted: bool | None
    alpha: float
    images: int
    baseline_images: int
    records: int
    repeated: int
    unreadable: int
    since: datetime | None
    until: datetime | None
    endpoint: str | None
    model: str
    sentences: tuple[str, ...]
    tests: tuple[Finding, ...] = ()

    @property
    def p_value(self) -> float | None:
        """The smallest adjusted p-value: below alpha, something drifted."""
        return min((test.adjusted for test in self.tests), default=None)

    def as_json(self) -> dict[str, Any]:
        """Plain values, with times in ISO 8601."""
        return {
            **asdict(self),
            "since": iso_time(self.since),
            "until": iso_time(self.until),
            "p_value": self.p_value,
        }

    def json_text(self) -> str:
        """The content of a drift.json file."""
        text = json.dumps(self.as_json(), indent=2, ensure_ascii=False, allow_nan=False)
        return f"{text}\n"


def compare(
    baseline: Baseline,
    window: Features,
    alpha: float = ALPHA,
    seed: int = SEED,
) -> tuple[Finding, ...]:
    """Test every feature of a window; deterministic for the same images and seed.

    Takes less than a second for 200 images.

    Raises:
        ValueError: alpha is out of range, or one side has fewer than two images.
    """
    if not LEAST_ALPHA <= alpha < 1:
        raise ValueError(f"alpha must lie between {LEAST_ALPHA} and 1, not be {alpha}.")
    if min(len(baseline.features), len(window)) < 2:
        raise ValueError("There must be two images or more on either side.")
    random = np.random.default_rng(seed)
    pool = baseline.features + window
    statistics: dict[str, permutation.Statistic] = {}
    for name in VECTOR_FEATURES:
        statistics[name] = permutation.mmd(getattr(pool, name))
    for name in SCALAR_FEATURES:
        statistics[name] = permutation.psi(getattr(pool, name), random)
    statistics["confidence"] = permutation.rank_shift(pool.confidence)
    statistics["classes"] = permutation.mix_shift(pool.predicted)
    in_window = np.arange(len(pool)) >= len(baseline.features)
    results = permutation.p_values(
        statistics,
        in_window,
        alpha,
        random,
    )
    adjusted_p_values = permutation.holm([p_value for _, p_value in results.values()])
    findings = []
    for name, adjusted in zip(
        results,
        adjusted_p_values,
        strict=True,
    ):
        statistic, p_value = results[name]
        before = feature_value(baseline.features, name, baseline.classes)
        now = feature_value(window, name, baseline.classes)
        drifted = adjusted <= alpha
        sentence = None
        if drifted:
            shift = mean_shift(
                baseline.features,
                name,
                before,
                now,
            )
            sentence = descriptions.change_sentence(
                name,
                before,
                now,
                shift,
                statistic,
            )
        findings.append(
            Finding(
                name=name,
                measure=descriptions.MEASURES[name],
                statistic=round(statistic, 6),
                p_value=p_value,
                adjusted=adjusted,
                drifted=drifted,
                baseline=before,
                window=now,
                sentence=sentence,
            )
        )
    return tuple(findings)


def feature_value(features: Features, name: str, classes: Sequence[str]) -> FeatureValue:
    """A feature's mean, or the shares of the classes; None for a vector feature."""
    if name in VECTOR_FEATURES:
        return None
    if name == "classes":
        counts = np.bincount(features.predicted, minlength=len(classes))
        shares = counts / len(features)
        return {
            label: round(float(share), 4)
            for label, share in zip(
                classes,
                shares,
                strict=True,
            )
        }
    return round(float(getattr(features, name).mean()), 4)


def mean_shift(
    features: Features,
    name: str,
    before: FeatureValue,
    now: FeatureValue,
) -> float:
    """The shift of a feature's mean in standard deviations of the baseline's `features`."""
    if not isinstance(before, float) or not isinstance(now, float):
        return 0.0
    spread = float(getattr(features, name).std())
    difference = now - before
    return difference / spread if spread else math.copysign(math.inf, difference)


def iso_time(at: datetime | None) -> str | None:
    if at is None:
        return None
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
