"""What the training report says in tables and lists."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scones.handover import Comparison, Metrics, Model
from scones.pages import wording
from scones.pages.page import Cell, Grid, Table
from scones.pages.wording import count, number, percent, percent_interval


def per_class(report: Mapping[str, Any]) -> Table | None:
    """Precision and recall of every class on the test images."""
    classes = report.get("per_class") or {}
    rows = tuple(
        (
            name,
            "never answered" if figures.get("precision") is None else percent(figures["precision"]),
            "no image" if figures.get("recall") is None else percent(figures["recall"]),
            f"{figures.get('images', 0):,}",
        )
        for name, figures in classes.items()
    )
    return Table("By class", ("Class", "Precision", "Recall", "Images"), rows) if rows else None


def confusion(report: Mapping[str, Any], classes: Sequence[str]) -> Grid | None:
    """How often each class was answered for each that is shown."""
    counts = report.get("confusion") or []
    if not counts:
        return None
    rows = tuple(
        (
            f"shows {classes[shown]}",
            tuple(_cell(amount, row, shown == given) for given, amount in enumerate(row)),
        )
        for shown, row in enumerate(counts)
    )
    return Grid(
        "What is shown, and what was answered", tuple(f"answered {name}" for name in classes), rows
    )


def _cell(amount: int, row: Sequence[int], right: bool) -> Cell:
    share = amount / sum(row) if sum(row) else 0.0
    return Cell(
        f"{amount:,}", percent(share) if sum(row) else "no image", "good" if right else "bad", share
    )


def splits(metrics: Mapping[str, Any], threshold: float) -> Table | None:
    """The figures on the test images beside those on the validation images."""
    reports = [metrics.get(name) or {} for name in ("test", "validation")]
    if not all(reports):
        return None
    target = percent(metrics.get("target_precision"))
    figures = (
        ("Images", [number(one.get("images"), ",d") for one in reports]),
        ("Right", [percent(one.get("accuracy")) for one in reports]),
        ("95\u202f% interval", [percent_interval(one.get("accuracy_interval")) for one in reports]),
        ("Calibration error", [number(one.get("ece"), ".3f") for one in reports]),
        (f"Accepted at ≥ {threshold:.3g}", [percent(one.get("accepted")) for one in reports]),
        ("Right among the accepted", [_right(one) for one in reports]),
        (
            f"Accepted at {target} right",
            [percent(one.get("accepted_at_precision")) for one in reports],
        ),
    )
    rows = tuple((name, *values) for name, values in figures)
    return Table("Test beside validation", ("", "Test", "Validation"), rows)


def _right(report: Mapping[str, Any]) -> str:
    return (
        "none accepted" if report.get("accepted") == 0 else percent(report.get("accepted_accuracy"))
    )


def pictures(content: bytes | None, keys: Sequence[str], caption: str) -> Table | None:
    """What the images of these keys show, what was answered, and how surely; `content` is that of predictions.json."""
    answers = _answers(content)
    rows = tuple((key, *answers[key]) for key in keys if key in answers)
    return (
        Table(caption, ("Image", "Shows", "Answered", "Confidence"), rows, numeric=False)
        if rows
        else None
    )


def _answers(content: bytes | None) -> dict[str, tuple[str, str, str]]:
    if content is None:
        return {}
    raw = json.loads(content)
    classes, answers = raw["classes"], {}
    for image in raw["images"]:
        confidence = max(image["probabilities"])
        answered = classes[image["probabilities"].index(confidence)]
        answers[image["key"]] = (classes[image["label"]], answered, percent(confidence))
    return answers


def mcnemar(comparison: Comparison) -> Table:
    """Who of the two models is right where."""
    return Table(
        f"{count(comparison.images, 'test image')} that both answered",
        ("", "live model right", "live model wrong"),
        (
            ("new model right", f"{comparison.both_right:,}", f"{comparison.only_new_right:,}"),
            ("new model wrong", f"{comparison.only_live_right:,}", f"{comparison.both_wrong:,}"),
        ),
    )


def compared(comparison: Comparison) -> tuple[str, ...]:
    """The comparison in sentences."""
    low, high = (wording.points(end) for end in comparison.interval)
    better = (
        "as often right as"
        if comparison.difference == 0
        else ("right more often than" if comparison.difference > 0 else "right less often than")
    )
    chance = (
        "Chance alone may explain that."
        if comparison.interval[0] <= 0 <= comparison.interval[1]
        else "Chance alone hardly explains that."
    )
    p_value = "p < 0.001" if comparison.p_value < 0.001 else f"p = {comparison.p_value:.2g}"
    return (
        f"On the same images it is {better} {comparison.live}, which served when they were compared: "
        f"{wording.points(comparison.difference)} percentage points (95\u202f% interval {low} to {high}; "
        f"{p_value} by McNemar's exact test). {chance}",
    )


def provenance(model: Model, metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where the model comes from: what, of which data, by which code, on what."""
    known = metrics.get
    seconds, serving = known("seconds"), known("serving") or {}
    facts = (
        ("Training job", model.training_job),
        ("Algorithm", model.algorithm),
        ("Classes", wording.join_names(model.classes)),
        ("Data source", model.data.source + (" (drawn by our own code)" if model.drawn else "")),
        ("SHA-256 of the source", model.data.sha256),
        ("Fingerprint of the staged images", model.data.fingerprint),
        ("Code version", model.code_version),
        ("Device", known("device")),
        ("Time to train", number(seconds, ",.0f", "s") if seconds is not None else None),
        ("Epochs", number(known("epochs"), ",d") if known("epochs") is not None else None),
        ("Views of a picture", serving.get("views")),
        (
            "Parameters",
            number(known("parameters"), ",d") if known("parameters") is not None else None,
        ),
        (
            "Temperature",
            number(known("temperature"), ".3f") if known("temperature") is not None else None,
        ),
        ("Artifact", model.data_url),
        ("SHA-256 of the artifact", model.artifact_sha256),
        ("Serving image", model.image_uri),
    )
    return [(name, str(value)) for name, value in facts if value is not None]


def unmeasured(
    metrics: Metrics, report: Mapping[str, Any], available: Mapping[str, object]
) -> tuple[str, ...]:
    """What a reader may look for in vain; `available` are the parts of the page by their names."""
    figures = {
        "accuracy on test images": metrics.test_accuracy,
        "calibration": metrics.test_ece,
        "share accepted at the target precision": report.get(
            "accepted_at_precision", metrics.test_accepted_at_precision
        ),
        "milliseconds for one picture": metrics.milliseconds,
    }
    return tuple(name for name, value in {**figures, **available}.items() if value is None)
