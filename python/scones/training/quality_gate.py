"""The quality gate of the settings: what a model must reach before it is handed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scones.errors import UserError
from scones.handover import Comparison, Gate, Metrics

LIMITS = ("minimum_accuracy", "minimum_accepted", "maximum_ece", "live_margin")
AT_LEAST, AT_MOST = "≥", "≤"


@dataclass(frozen=True)
class Check:
    """One limit of the gate beside what was measured.

    Attributes:
        figure: what is measured, such as "test accuracy".
        relation: AT_LEAST or AT_MOST, which `measured` must be to `asked`.
        measured: None if it is not measured, which misses the limit.
        sentence: says how the limit is missed; empty if the model passes.
    """

    figure: str
    relation: str
    asked: float
    measured: float | None
    sentence: str = ""

    @property
    def passed(self) -> bool:
        return not self.sentence


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
) -> tuple[Check, ...]:
    """Check a model's figures against `limits`.

    Without a `comparison` with the live model, image by image, its metrics in `live` are used.
    """
    checks = [*_check_figures(limits, metrics)]
    margin = limits.get("live_margin")
    if margin is not None:
        if comparison:
            checks.append(_check_common_images(comparison, margin))
        elif live:
            checks += _check_live_metrics(metrics, live, margin)
    return tuple(checks)


def gate(checks: tuple[Check, ...]) -> Gate:
    """The result of the gate, with a sentence for each check that misses."""
    missed = tuple(check.sentence for check in checks if not check.passed)
    return Gate(passed=not missed, missed=missed)


def _check_figures(limits: Mapping[str, float], metrics: Metrics) -> Iterator[Check]:
    low, high = metrics.test_accuracy_low, metrics.test_accuracy_high
    interval = ""
    if low is not None and high is not None:
        interval = f" (95 % interval {low:.4g} to {high:.4g})"
    figures = {
        "minimum_accuracy": ("test accuracy", metrics.test_accuracy),
        "minimum_accepted": (
            "the share accepted at the workflow's threshold",
            metrics.test_accepted,
        ),
        "maximum_ece": ("the calibration error", metrics.test_ece),
    }
    for name, (figure, value) in figures.items():
        if name not in limits:
            continue
        limit = limits[name]
        relation = AT_LEAST if name.startswith("minimum") else AT_MOST
        if value is None:
            sentence = f"{figure} is not measured, and {name} is {limit:.4g}"
            yield Check(figure, relation, limit, None, sentence)
            continue
        passes = value >= limit if relation == AT_LEAST else value <= limit
        sentence = ""
        # Not the opposite comparison: NaN is neither above nor below, and misses too.
        if not passes:
            side = "below" if relation == AT_LEAST else "above"
            remark = interval if name == "minimum_accuracy" else ""
            sentence = f"{figure} {value:.4g} is {side} {name} {limit:.4g}{remark}"
        yield Check(figure, relation, limit, value, sentence)


def _check_common_images(comparison: Comparison, margin: float) -> Check:
    """Missed if worse by more than the margin, and by more than chance explains."""
    low, high = comparison.interval
    sentence = ""
    if comparison.difference < -margin and high < 0:
        sentence = (
            f"the accuracy on {comparison.images} common test images is "
            f"{-comparison.difference:.4g} below that of the live model {comparison.live} "
            f"(95 % interval {-high:.4g} to {-low:.4g}), and live_margin is {margin:.4g}"
        )
    return Check(
        f"the accuracy less the live model's, on {comparison.images} common test images",
        AT_LEAST,
        -margin,
        comparison.difference,
        sentence,
    )


def _check_live_metrics(metrics: Metrics, live: Metrics, margin: float) -> Iterator[Check]:
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
        sentence = ""
        if new < old - margin and (high is None or high < old):
            sentence = (
                f"{figure} {new:.4g} is below the live model's {old:.4g}, "
                f"and live_margin is {margin:.4g}"
            )
        yield Check(f"{figure} less the live model's", AT_LEAST, -margin, new - old, sentence)
        return
