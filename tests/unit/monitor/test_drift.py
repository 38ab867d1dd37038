"""A window of images compared with a baseline, and the sentences on what has changed."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from container.evaluation.baseline import Baseline, Features
from monitor import drift
from monitor.drift import Finding

CLASSES = ("bicycle", "motorcycle")


def images(count: int, seed: int) -> Features:
    random = np.random.default_rng(seed)

    def around(mean: float) -> np.ndarray:
        return random.normal(mean, 0.1, count).astype(np.float32)

    return Features(
        embedding=random.normal(size=(count, 16)).astype(np.float32),
        outlines=random.random((count, 9)).astype(np.float32),
        brightness=around(0.5),
        contrast=around(0.2),
        sharpness=around(0.3),
        saturation=around(0.4),
        warmth=around(0.0),
        confidence=random.random(count).astype(np.float32),
        predicted=random.integers(0, 2, count),
    )


BASELINE = Baseline(CLASSES, images(100, seed=0))


def by_name(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_images_of_the_same_kind_are_not_drift() -> None:
    findings = drift.compare(BASELINE, images(100, seed=1))
    assert [finding.name for finding in findings] == [
        *(field.name for field in fields(Features)[:-1]),
        "classes",
    ]
    assert not any(finding.drifted for finding in findings)
    assert all(
        finding.sentence is None and finding.adjusted >= finding.p_value for finding in findings
    )


def test_a_psi_above_a_fifth_is_not_an_alarm_by_itself() -> None:
    windows = [drift.compare(BASELINE, images(60, seed)) for seed in range(1, 6)]
    psis = [finding for window in windows for finding in window if finding.measure == "PSI"]
    assert max(finding.statistic for finding in psis) > 0.2
    assert not any(finding.drifted for window in windows for finding in window)


@pytest.mark.parametrize(
    ("name", "by", "words"),
    [
        ("brightness", -0.3, "Images are darker: mean brightness "),
        ("brightness", 0.3, "Images are brighter: mean brightness "),
        ("sharpness", -0.2, "Images are blurred: mean sharpness "),
        ("confidence", -0.5, "The model is less confident: mean confidence "),
    ],
)
def test_changes_are_described_in_words(name: str, by: float, words: str) -> None:
    window = images(100, seed=1)
    findings = by_name(
        drift.compare(BASELINE, replace(window, **{name: getattr(window, name) + np.float32(by)}))
    )
    assert [finding.name for finding in findings.values() if finding.drifted] == [name]
    assert str(findings[name].sentence).startswith(words)


def test_a_feature_with_the_same_mean_is_reported_as_distributed_differently() -> None:
    window = images(200, seed=1)
    wide = replace(
        window,
        contrast=(window.contrast - window.contrast.mean()) * 4 + BASELINE.features.contrast.mean(),
    )
    contrast = by_name(drift.compare(BASELINE, wide))["contrast"]
    assert contrast.drifted
    assert str(contrast.sentence).startswith("The contrast of images is distributed differently")


def test_a_change_of_the_embedding_is_described_without_a_mean() -> None:
    window = images(100, seed=1)
    embedding = by_name(drift.compare(BASELINE, replace(window, embedding=window.embedding + 1)))[
        "embedding"
    ]
    assert embedding.drifted
    assert (embedding.baseline, embedding.window) == (None, None)
    assert "different from the baseline" in str(embedding.sentence)


def test_a_change_of_classes_names_the_class_that_became_more_frequent() -> None:
    window = replace(images(100, seed=1), predicted=np.array([0] * 10 + [1] * 90))
    classes = by_name(drift.compare(BASELINE, window))["classes"]
    assert classes.drifted
    assert classes.window == {"bicycle": 0.1, "motorcycle": 0.9}
    assert str(classes.sentence).startswith(
        "More images are classified as motorcycle: 90 % instead of "
    )


def test_the_same_images_always_have_the_same_result() -> None:
    assert drift.compare(BASELINE, images(50, seed=1)) == drift.compare(
        BASELINE, images(50, seed=1)
    )


@pytest.mark.parametrize("alpha", [0, 0.00009, 1, float("nan")])
def test_an_alpha_out_of_range_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha must lie between"):
        drift.compare(BASELINE, images(50, seed=1), alpha)


def test_a_single_image_is_not_compared() -> None:
    with pytest.raises(ValueError, match="two images or more"):
        drift.compare(BASELINE, images(1, seed=1))
