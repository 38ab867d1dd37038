"""What drift is in plain words."""

from __future__ import annotations

from collections.abc import Mapping

MEASURES = {
    "embedding": "MMD²",
    "outlines": "MMD²",
    "brightness": "PSI",
    "contrast": "PSI",
    "sharpness": "PSI",
    "saturation": "PSI",
    "warmth": "PSI",
    "confidence": "rank shift",
    "classes": "chi²",
}
# What a feature's mean says when it falls, and when it rises.
CHANGES = {
    "brightness": ("Pictures are darker", "Pictures are brighter"),
    "contrast": ("Pictures are flatter", "Pictures have more contrast"),
    "sharpness": ("Pictures are blurred", "Pictures are sharper, or noisy"),
    "saturation": ("Pictures are paler", "Pictures are more colourful"),
    "warmth": ("Pictures are bluer", "Pictures are redder"),
    "confidence": ("The model is less sure", "The model is surer"),
}
UNLIKE = {
    "embedding": "To the model, pictures look unlike those it was measured on",
    "outlines": "What pictures show has other outlines",
}
# A mean that moved by less, in standard deviations of the baseline, does not tell what is different.
TELLING = 0.25
SLIGHT, LARGE = 0.1, 0.2  # Siddiqi 2006


def reading(psi: float) -> str:
    """What a population stability index is conventionally taken for; among few pictures it means little."""
    return "stable" if psi < SLIGHT else "somewhat shifted" if psi < LARGE else "shifted"


def sentence(
    name: str,
    baseline: float | Mapping[str, float] | None,
    window: float | Mapping[str, float] | None,
    moved: float,
    statistic: float,
) -> str:
    """What has changed; `moved` is by how many standard deviations the mean has."""
    if isinstance(baseline, Mapping) and isinstance(window, Mapping):
        label = max(baseline, key=lambda label: window[label] - baseline[label])
        now, before = 100 * window[label], 100 * baseline[label]
        return f"More pictures are taken for {label}: {now:.0f} % instead of {before:.0f} %."
    if baseline is None or window is None:
        return f"{UNLIKE[name]}: MMD² {statistic:.3f}, where 0 is alike."
    if abs(moved) < TELLING:
        return f"The {name} of pictures varies otherwise than before: its mean is {window:.2f}, as it was."
    return f"{CHANGES[name][moved > 0]}: mean {name} {window:.2f} instead of {baseline:.2f}."
