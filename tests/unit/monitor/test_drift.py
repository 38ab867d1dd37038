"""A window of pictures beside a baseline, and the words for what is different."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from container.evaluation.baseline import Baseline, Features
from monitor import drift
from monitor.drift import Finding

CLASSES = ("bicycle", "motorcycle")


def pictures(count: int, seed: int) -> Features:
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


BASELINE = Baseline(CLASSES, pictures(100, seed=0))


def named(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_pictures_of_the_same_kind_are_no_drift() -> None:
    findings = drift.compare(BASELINE, pictures(100, seed=1))
    assert [finding.name for finding in findings] == [
        *(field.name for field in fields(Features)[:-1]),
        "classes",
    ]
    assert not any(finding.drifted for finding in findings)
    assert all(
        finding.sentence is None and finding.adjusted >= finding.p_value for finding in findings
    )


def test_a_usual_reading_above_a_fifth_is_no_alarm_by_itself() -> None:
    findings = [drift.compare(BASELINE, pictures(60, seed)) for seed in range(1, 6)]
    assert any(finding.reading == "shifted" for found in findings for finding in found)
    assert not any(finding.drifted for found in findings for finding in found)


@pytest.mark.parametrize(
    ("name", "by", "words"),
    [
        ("brightness", -0.3, "Pictures are darker: mean brightness "),
        ("brightness", 0.3, "Pictures are brighter: mean brightness "),
        ("sharpness", -0.2, "Pictures are blurred: mean sharpness "),
        ("confidence", -0.5, "The model is less sure: mean confidence "),
    ],
)
def test_what_has_changed_is_said_in_words(name: str, by: float, words: str) -> None:
    window = pictures(100, seed=1)
    findings = named(
        drift.compare(BASELINE, replace(window, **{name: getattr(window, name) + np.float32(by)}))
    )
    assert [finding.name for finding in findings.values() if finding.drifted] == [name]
    assert str(findings[name].sentence).startswith(words)


def test_a_feature_that_only_varies_more_is_said_to_vary() -> None:
    window = pictures(200, seed=1)
    wide = replace(
        window,
        contrast=(window.contrast - window.contrast.mean()) * 4 + BASELINE.features.contrast.mean(),
    )
    contrast = named(drift.compare(BASELINE, wide))["contrast"]
    assert contrast.drifted
    assert str(contrast.sentence).startswith(
        "The contrast of pictures varies otherwise than before"
    )


def test_what_looks_unlike_to_the_model_is_said_without_a_mean() -> None:
    window = pictures(100, seed=1)
    embedding = named(drift.compare(BASELINE, replace(window, embedding=window.embedding + 1)))[
        "embedding"
    ]
    assert embedding.drifted
    assert (embedding.baseline, embedding.window, embedding.reading) == (None, None, None)
    assert "unlike those it was measured on" in str(embedding.sentence)


def test_another_mix_of_classes_names_the_class_that_came_oftener() -> None:
    window = replace(pictures(100, seed=1), predicted=np.array([0] * 10 + [1] * 90))
    classes = named(drift.compare(BASELINE, window))["classes"]
    assert classes.drifted
    assert classes.window == {"bicycle": 0.1, "motorcycle": 0.9}
    assert str(classes.sentence).startswith(
        "More pictures are taken for motorcycle: 90 % instead of "
    )


def test_the_same_pictures_always_have_the_same_result() -> None:
    assert drift.compare(BASELINE, pictures(50, seed=1)) == drift.compare(
        BASELINE, pictures(50, seed=1)
    )


@pytest.mark.parametrize("alpha", [0, 0.00009, 1, float("nan")])
def test_a_rate_that_cannot_be_tested_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha must lie between"):
        drift.compare(BASELINE, pictures(50, seed=1), alpha)


def test_one_picture_is_not_compared() -> None:
    with pytest.raises(ValueError, match="two pictures or more"):
        drift.compare(BASELINE, pictures(1, seed=1))
