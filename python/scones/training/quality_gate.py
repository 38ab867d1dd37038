"""The quality gate of the settings: what a model must reach before it is handed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scones.errors import UserError
from scones.handover import Comparison, Gate, Metrics

LIMITS = ("minimum_accuracy", "minimum_accepted_at_precision", "maximum_ece", "live_margin")


def validate(limits: Mapping[str, float], settings: str) -> None:
    """`settings` is the path of the target's settings file, as a user would type it.

    Raises:
        UserError: the gate names an unknown limit.
    """
    unknown = sorted(limits.keys() - set(LIMITS))
    if unknown:
        raise UserError(
            f"quality_gate names {', '.join(unknown)}; it may name {', '.join(LIMITS)} only. "
            f"Correct it in {settings}."
        )


def check(
    limits: Mapping[str, float],
    metrics: Metrics,
    comparison: Comparison | None,
    live: Metrics | None,
) -> Gate:
    """Check a model's figures against `limits`, with a sentence for each one that misses.

    Without a `comparison` with the live model, image by image, its metrics in `live` are used.
    """
    missed = [*_missed_limits(limits, metrics)]
    margin = limits.get("live_margin")
    if margin is not None:
        if comparison:
            missed += _worse_on_common_images(comparison, margin)
        elif live:
            missed += _worse_metrics(metrics, live, margin)
    return Gate(passed=not missed, missed=tuple(missed))


def _missed_limits(limits: Mapping[str, float], metrics: Metrics) -> Iterator[str]:
    low, high = metrics.test_accuracy_low, metrics.test_accuracy_high
    interval = ""
    if low is not None and high is not None:
        interval = f" (95 % interval {low:.4g} to {high:.4g})"
    figures = {
        "minimum_accuracy": ("test accuracy", metrics.test_accuracy),
        "minimum_accepted_at_precision": (
            "the share accepted at the target precision",
            metrics.test_accepted_at_precision,
        ),
        "maximum_ece": ("the calibration error", metrics.test_ece),
    }
    for name, (figure, value) in figures.items():
        if name not in limits:
            continue
        limit = limits[name]
        if value is None:
            yield f"{figure} is not measured, and {name} is {limit:.4g}"
            continue
        if name.startswith("minimum"):
            passes = value >= limit
            side = "below"
        else:
            passes = value <= limit
            side = "above"
        # Not the opposite comparison: NaN is neither above nor below, and misses too.
        if not passes:
            remark = interval if name == "minimum_accuracy" else ""
            yield f"{figure} {value:.4g} is {side} {name} {limit:.4g}{remark}"


def _worse_on_common_images(comparison: Comparison, margin: float) -> Iterator[str]:
    """Worse by more than the margin, and by more than chance explains."""
    low, high = comparison.interval
    if comparison.difference < -margin and high < 0:
        yield (
            f"the accuracy on {comparison.images} common test images is "
            f"{-comparison.difference:.4g} below that of the live model {comparison.live} "
            f"(95 % interval {-high:.4g} to {-low:.4g}), and live_margin is {margin:.4g}"
        )


def _worse_metrics(metrics: Metrics, live: Metrics, margin: float) -> Iterator[str]:
    """The first accuracy that both have: chance explains what the new one's interval contains."""
    pairs = (
        (
            "test accuracy",
            metrics.test_accuracy,
            live.test_accuracy,
            metrics.test_accuracy_high,
        ),
        (
            "validation accuracy",
            metrics.validation_accuracy,
            live.validation_accuracy,
            None,
        ),
    )
    for figure, new, old, high in pairs:
        if new is None or old is None:
            continue
        if new < old - margin and (high is None or high < old):
            yield (
                f"{figure} {new:.4g} is below the live model's {old:.4g}, "
                f"and live_margin is {margin:.4g}"
            )
        return
