"""Describes drift in plain words."""

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
# What it means when a feature's mean falls, and when it rises.
CHANGES = {
    "brightness": ("Images are darker", "Images are brighter"),
    "contrast": ("Images have less contrast", "Images have more contrast"),
    "sharpness": ("Images are blurred", "Images are sharper or noisier"),
    "saturation": ("Images are less saturated", "Images are more saturated"),
    "warmth": ("Images are bluer", "Images are redder"),
    "confidence": ("The model is less confident", "The model is more confident"),
}
UNLIKE = {
    "embedding": "To the model, images look different from the baseline",
    "outlines": "The outlines in the images differ from the baseline",
}
# A mean that moved by less, in standard deviations of the baseline, does not explain the drift.
LEAST_SHIFT = 0.25


def change_sentence(
    name: str,
    baseline: float | Mapping[str, float] | None,
    window: float | Mapping[str, float] | None,
    shift: float,
    statistic: float,
) -> str:
    """What has changed; `shift` is that of the mean in standard deviations of the baseline."""
    if isinstance(baseline, Mapping) and isinstance(window, Mapping):
        label = max(baseline, key=lambda label: window[label] - baseline[label])
        now = 100 * window[label]
        before = 100 * baseline[label]
        return f"More images are classified as {label}: {now:.0f} % instead of {before:.0f} %."
    if baseline is None or window is None:
        return f"{UNLIKE[name]}: MMD² {statistic:.3f}, where 0 means equal."
    if abs(shift) < LEAST_SHIFT:
        return (
            f"The {name} of images is distributed differently: its mean is {window:z.2f} as before."
        )
    rises = shift > 0
    return f"{CHANGES[name][rises]}: mean {name} {window:z.2f} instead of {baseline:z.2f}."
