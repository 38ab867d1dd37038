"""The tables and sentences of the training report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scones.handover import Comparison, Metrics, Model
from scones.pages import wording
from scones.pages.page import Cell, Grid, Table
from scones.pages.wording import count, number, percent, percent_interval


def per_class(test: Mapping[str, Any]) -> Table | None:
    """Precision and recall of every class on the test images."""
    rows = []
    for name, figures in (test.get("per_class") or {}).items():
        precision, recall = figures.get("precision"), figures.get("recall")
        rows.append(
            (
                name,
                "never answered" if precision is None else percent(precision),
                "no image" if recall is None else percent(recall),
                f"{figures.get('images', 0):,}",
            )
        )
    if not rows:
        return None
    return Table("By class", ("Class", "Precision", "Recall", "Images"), tuple(rows))


def confusion(test: Mapping[str, Any], classes: Sequence[str]) -> Grid | None:
    """How often each class was answered, by the class that the image shows."""
    counts = test.get("confusion")
    if not counts:
        return None
    header = tuple(f"answered {name}" for name in classes)
    rows = []
    for label, row in enumerate(counts):
        cells = [_cell(row, predicted, label == predicted) for predicted in range(len(row))]
        rows.append((f"shows {classes[label]}", tuple(cells)))
    return Grid("What is shown, and what was answered", header, tuple(rows))


def _cell(row: Sequence[int], predicted: int, correct: bool) -> Cell:
    images = sum(row)
    share = row[predicted] / images if images else 0.0
    return Cell(
        value=f"{row[predicted]:,}",
        remark=percent(share) if images else "no image",
        tone="good" if correct else "bad",
        share=share,
    )


def splits(metrics: Mapping[str, Any], threshold: float) -> Table | None:
    """The figures on the test images beside those on the validation images."""
    test, validation = metrics.get("test"), metrics.get("validation")
    if not test or not validation:
        return None
    names = (
        "Images",
        "Right",
        "95\u202f% interval",
        "Calibration error",
        f"Accepted at ≥ {threshold:.3g}",
        "Right among the accepted",
        f"Accepted at {percent(metrics.get('target_precision'))} right",
    )
    rows = zip(names, _split_column(test), _split_column(validation), strict=True)
    return Table("Test beside validation", ("", "Test", "Validation"), tuple(rows))


def _split_column(split: Mapping[str, Any]) -> tuple[str, ...]:
    accepted = split.get("accepted")
    return (
        number(split.get("images"), ",d"),
        percent(split.get("accuracy")),
        percent_interval(split.get("accuracy_interval")),
        number(split.get("ece"), ".3f"),
        percent(accepted),
        "none accepted" if accepted == 0 else percent(split.get("accepted_accuracy")),
        percent(split.get("accepted_at_precision")),
    )


def image_list(predictions: bytes | None, keys: Sequence[str], caption: str) -> Table | None:
    """The classes and confidences of the images of these keys, from a predictions.json."""
    if predictions is None:
        return None
    raw = json.loads(predictions)
    classes = raw["classes"]
    images = {image["key"]: image for image in raw["images"]}
    rows = []
    for key in keys:
        if key in images:
            probabilities = images[key]["probabilities"]
            confidence = max(probabilities)
            predicted = classes[probabilities.index(confidence)]
            rows.append((key, classes[images[key]["label"]], predicted, percent(confidence)))
    if not rows:
        return None
    header = ("Image", "Shows", "Answered", "Confidence")
    return Table(caption, header, tuple(rows), numeric=False)


def mcnemar(comparison: Comparison) -> Table:
    """Which of the two models is right on how many images."""
    return Table(
        f"{count(comparison.images, 'test image')} that both answered",
        ("", "live model right", "live model wrong"),
        (
            ("new model right", f"{comparison.both_right:,}", f"{comparison.only_new_right:,}"),
            ("new model wrong", f"{comparison.only_live_right:,}", f"{comparison.both_wrong:,}"),
        ),
    )


def comparison_sentence(comparison: Comparison) -> str:
    """The comparison with the live model in words."""
    if comparison.difference == 0:
        better = "as often right as"
    else:
        better = f"right {'more' if comparison.difference > 0 else 'less'} often than"
    low, high = comparison.interval
    chance = "may explain" if low <= 0 <= high else "hardly explains"
    p_value = "p < 0.001" if comparison.p_value < 0.001 else f"p = {comparison.p_value:.2g}"
    return (
        f"On the same images it is {better} {comparison.live}, "
        "which served when they were compared: "
        f"{wording.points(comparison.difference)} percentage points (95\u202f% interval "
        f"{wording.points(low)} to {wording.points(high)}; {p_value} by McNemar's exact test). "
        f"Chance alone {chance} that."
    )


def provenance(model: Model, metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where the model comes from: its job, data, code, hardware and artifact."""

    def figure(name: str, pattern: str, unit: str = "") -> str | None:
        value = metrics.get(name)
        return None if value is None else number(value, pattern, unit)

    drawn = " (drawn by our own code)" if model.drawn else ""
    facts = (
        ("Training job", model.training_job),
        ("Algorithm", model.algorithm),
        ("Classes", wording.join_names(model.classes)),
        ("Data source", model.data.source + drawn),
        ("SHA-256 of the source", model.data.sha256),
        ("Fingerprint of the staged images", model.data.fingerprint),
        ("Code version", model.code_version),
        ("Device", metrics.get("device")),
        ("Time to train", figure("seconds", ",.0f", "s")),
        ("Epochs", figure("epochs", ",d")),
        ("Views per image", (metrics.get("serving") or {}).get("views")),
        ("Parameters", figure("parameters", ",d")),
        ("Temperature", figure("temperature", ".3f")),
        ("Artifact", model.data_url),
        ("SHA-256 of the artifact", model.artifact_sha256),
        ("Serving container image", model.image_uri),
    )
    return [(name, str(value)) for name, value in facts if value is not None]


def unmeasured(
    metrics: Metrics, test: Mapping[str, Any], sections: Mapping[str, object]
) -> tuple[str, ...]:
    """Names of the figures and of the page's `sections` that are missing."""
    accepted = test.get("accepted_at_precision", metrics.test_accepted_at_precision)
    values = {
        "accuracy on test images": metrics.test_accuracy,
        "calibration": metrics.test_ece,
        "share accepted at the target precision": accepted,
        "milliseconds for one image": metrics.milliseconds,
        **sections,
    }
    return tuple(name for name, value in values.items() if value is None)
