"""The top of the training report: the lead, the notices and the tiles with the main figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scones.handover import Model
from scones.json_object import JsonObject
from scones.pages.page import Notice, Tile
from scones.pages.wording import MINUS, count, number, percent, percent_interval
from scones.training.quality_gate import Check
from scones.training.report_sections import own_shares

PASSED, MISSED = "✓", "✗"


def headline(model: Model) -> str:
    """The finding, such as "97 of 100 test images right"."""
    metrics = model.metrics
    if metrics.test_accuracy is not None and metrics.test_images:
        right = round(metrics.test_accuracy * metrics.test_images)
        return f"{right:,} of {count(metrics.test_images, 'test image')} right"
    if metrics.validation_accuracy is None:
        return "No accuracy was measured"
    return f"{percent(metrics.validation_accuracy)} of the validation images right"


def lead(model: Model) -> str:
    """What the workflow does with these answers; empty without test images."""
    metrics = model.metrics
    images = metrics.test_images
    if metrics.test_accuracy is None or not images:
        return ""
    sentence = f"The model had never seen {'it' if images == 1 else 'them'}."
    if metrics.test_accepted is None:
        return sentence
    accepted = round(metrics.test_accepted * images)
    sentence += f" At the workflow's threshold of {model.threshold:.3g}, "
    if not accepted:
        return f"{sentence}none is accepted."
    sentence += f"{accepted:,} {'is' if accepted == 1 else 'are'} accepted"
    if metrics.test_accepted_accuracy is None:
        return f"{sentence}."
    right = round(metrics.test_accepted_accuracy * accepted)
    return f"{sentence}, {right:,} of these correctly."


def notices(model: Model, checks: Sequence[Check]) -> Iterator[Notice]:
    """The result of the quality gate with its `checks`, and a warning about drawn images."""
    yield _gate_notice(model, checks)
    if model.drawn:
        yield Notice(
            "warn",
            "The images are a drawn sample, not photographs",
            ("The figures show that training works, and nothing about photographs.",),
        )


def _gate_notice(model: Model, checks: Sequence[Check]) -> Notice:
    gate = model.gate
    if gate is None:
        return Notice("plain", "No quality gate was applied to this model")
    points = (
        *(f"{_capitalize(sentence)} {MISSED}" for sentence in gate.missed),
        *(check_line(check) for check in checks if check.passed),
    )
    if gate.forced:
        return Notice(
            "warn",
            "Misses the quality gate, handed over by force",
            ("It was handed over anyway, because FORCE=1 was set.",),
            points,
        )
    if not gate.passed:
        return Notice(
            "bad",
            "Misses the quality gate",
            ("It was not handed over.",),
            points,
        )
    if not checks:
        return Notice(
            "plain",
            "No quality gate is set",
            ("Any model is handed over; quality_gate in the settings sets limits.",),
        )
    return Notice("good", "Passes the quality gate", (), points)


def check_line(check: Check) -> str:
    """Such as "The calibration error: asked ≤ 0.1, measured 0.034 ✓"."""
    measured = number(check.measured, ".3g").replace("-", MINUS)
    asked = f"{check.asked:.3g}".replace("-", MINUS)
    mark = PASSED if check.passed else MISSED
    return (
        f"{_capitalize(check.figure)}: asked {check.relation} {asked}, measured {measured} {mark}"
    )


def _capitalize(sentence: str) -> str:
    """The sentence with a capital first letter; the rest stays as it is."""
    return sentence[:1].upper() + sentence[1:]


def tiles(model: Model, raw_metrics: JsonObject) -> Iterator[Tile]:
    """The main figures, as far as they were measured; `raw_metrics` is all of metrics.json."""
    metrics = model.metrics
    test = raw_metrics.get("test") or {}
    if metrics.test_accuracy is not None:
        interval = test.get("accuracy_interval")
        yield Tile(
            "Accuracy",
            percent(metrics.test_accuracy),
            f"95\u202f% interval {percent_interval(interval)}" if interval else "",
        )
    elif metrics.validation_accuracy is not None:
        yield Tile(
            "Validation accuracy",
            percent(metrics.validation_accuracy),
            "no test images were answered",
        )
    if metrics.test_accepted is not None:
        right = metrics.test_accepted_accuracy
        yield Tile(
            f"Accepted at ≥ {model.threshold:.3g}",
            percent(metrics.test_accepted),
            f"the workflow's threshold; {_right(right)}",
        )
    own = raw_metrics.get("own_threshold")
    own_accepted, own_right = own_shares(test, own)
    if own_accepted is not None:
        yield Tile(
            f"Accepted at ≥ {number(own, '.3g')}",
            percent(own_accepted),
            f"its own threshold; {_right(own_right)}",
        )
    if metrics.test_ece is not None:
        yield Tile(
            "Calibration error",
            f"{metrics.test_ece:.3f}",
            "how far confidence is from being right; 0 is best",
        )
    serving = raw_metrics.get("serving")
    if serving:
        size = number(serving.get("megabytes"), ".2g", "MB")
        startup = number(serving.get("startup_seconds"), ".2g", "s")
        yield Tile(
            "One image",
            number(serving.get("milliseconds"), ".2g", "ms"),
            f"on one thread; {size}, loaded in {startup}",
        )


def _right(share: float | None) -> str:
    return "none accepted" if share is None else f"{percent(share)} of them right"
