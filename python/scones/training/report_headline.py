"""The top of the training report: the lead, the notices and the tiles with the main figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scones.handover import Model
from scones.json_object import JsonObject
from scones.pages.page import Notice, Tile
from scones.pages.wording import count, join_names, number, percent, percent_interval


def lead(model: Model) -> str:
    """The model's quality in a sentence or two."""
    metrics = model.metrics
    images = metrics.test_images
    if metrics.test_accuracy is None or not images:
        if metrics.validation_accuracy is None:
            return "No accuracy was measured."
        return f"Of the validation images it answers {percent(metrics.validation_accuracy)} right."
    right = round(metrics.test_accuracy * images)
    sentence = (
        f"Of {count(images, 'test image')}, which it had never seen, it answers {right:,} right."
    )
    if metrics.test_accepted is None:
        return sentence
    accepted = round(metrics.test_accepted * images)
    sentence += f" At the workflow's threshold of {model.threshold:.3g} it accepts "
    if not accepted:
        return f"{sentence}none of them."
    sentence += f"{accepted:,} of them"
    if metrics.test_accepted_accuracy is None:
        return f"{sentence}."
    right = round(metrics.test_accepted_accuracy * accepted)
    return f"{sentence}, {right:,} of these correctly."


def notices(model: Model, limits: Mapping[str, float]) -> Iterator[Notice]:
    """The result of the quality gate with these `limits`, and a warning about drawn images."""
    yield _gate_notice(model, limits)
    if model.drawn:
        yield Notice(
            "warn",
            "The images are a drawn sample, not photographs",
            ("The figures show that training works, and nothing about photographs.",),
        )


def _gate_notice(model: Model, limits: Mapping[str, float]) -> Notice:
    gate = model.gate
    if gate is None:
        return Notice("plain", "No quality gate was applied to this model")
    if gate.forced:
        return Notice(
            "warn",
            "Misses the quality gate, handed over by force",
            ("It was handed over anyway, because FORCE=1 was set.",),
            gate.missed,
        )
    if not gate.passed:
        return Notice(
            "bad",
            "Misses the quality gate",
            ("It was not handed over.",),
            gate.missed,
        )
    if not limits:
        return Notice(
            "plain",
            "No quality gate is set",
            ("Any model is handed over; quality_gate in the settings sets limits.",),
        )
    requirements = join_names([f"{name} {limit:g}" for name, limit in sorted(limits.items())])
    return Notice(
        "good",
        "Passes the quality gate",
        (f"The settings require {requirements}.",),
    )


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
            "none accepted" if right is None else f"{percent(right)} of them right",
        )
    share = test.get("accepted_at_precision")
    if share is not None:
        target = percent(raw_metrics.get("target_precision"), 0)
        own_threshold = number(raw_metrics.get("own_threshold"), ".3g")
        yield Tile(
            f"Accepted at {target} right",
            percent(share),
            f"own threshold {own_threshold}",
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
