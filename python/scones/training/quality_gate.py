"""The quality gate of the settings: what a model must reach before it is handed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scones.errors import UserError
from scones.handover import Comparison, Gate, Metrics

LIMITS = ("minimum_accuracy", "minimum_accepted_at_precision", "maximum_ece", "live_margin")


def expect_known(limits: Mapping[str, float], settings: str) -> None:
    """`settings` is the path of the target's settings file, as a user would type it.

    Raises:
        UserError: the gate names a limit that there is not.
    """
    if unknown := sorted(limits.keys() - set(LIMITS)):
        raise UserError(
            f"quality_gate names {', '.join(unknown)}, but knows {', '.join(LIMITS)} only. Mend it in {settings}."
        )


def judge(
    limits: Mapping[str, float],
    metrics: Metrics,
    comparison: Comparison | None,
    live: Metrics | None,
) -> Gate:
    """Hold a model's figures against `limits`, with a sentence for each that misses.

    Where there is no `comparison` with the live model, image by image, its own figures in `live` stand in for it.
    """
    missed = tuple(_missed(limits, metrics, comparison, live))
    return Gate(passed=not missed, missed=missed)


def _missed(
    limits: Mapping[str, float],
    metrics: Metrics,
    comparison: Comparison | None,
    live: Metrics | None,
) -> Iterator[str]:
    interval = _between(metrics.test_accuracy_low, metrics.test_accuracy_high)
    figures = {
        "minimum_accuracy": ("test accuracy", metrics.test_accuracy, interval),
        "minimum_accepted_at_precision": (
            "the share accepted at the target precision",
            metrics.test_accepted_at_precision,
            "",
        ),
        "maximum_ece": ("the calibration error", metrics.test_ece, ""),
    }
    for name, (figure, value, remark) in figures.items():
        if name not in limits:
            continue
        limit, is_maximum = limits[name], name.startswith("maximum")
        if value is None:
            yield f"{figure} is not measured, and {name} is {limit:.4g}"
        elif not (value <= limit if is_maximum else value >= limit):
            yield f"{figure} {value:.4g} is {'above' if is_maximum else 'below'} {name} {limit:.4g}{remark}"
    if "live_margin" in limits:
        if comparison:
            yield from _worse_on_the_same_images(comparison, limits["live_margin"])
        elif live:
            yield from _worse_as_measured(metrics, live, limits["live_margin"])


def _worse_on_the_same_images(comparison: Comparison, margin: float) -> Iterator[str]:
    """Worse by more than the margin, and by more than chance explains."""
    low, high = comparison.interval
    if comparison.difference < -margin and high < 0:
        yield (
            f"the accuracy on {comparison.images} common test images is {-comparison.difference:.4g} below that of the "
            f"live model {comparison.live} (95 % interval {-high:.4g} to {-low:.4g}), and live_margin is {margin:.4g}"
        )


def _worse_as_measured(metrics: Metrics, live: Metrics, margin: float) -> Iterator[str]:
    """The same for two figures of one kind: chance explains what the new one's interval holds, where it has one."""
    pairs = (
        ("test accuracy", metrics.test_accuracy, live.test_accuracy, metrics.test_accuracy_high),
        ("validation accuracy", metrics.validation_accuracy, live.validation_accuracy, None),
    )
    for figure, new, old, high in pairs:
        if new is not None and old is not None:
            if new < old - margin and (high is None or high < old):
                yield f"{figure} {new:.4g} is below the live model's {old:.4g}, and live_margin is {margin:.4g}"
            return


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" (95 % interval {low:.4g} to {high:.4g})"
