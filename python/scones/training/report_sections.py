"""The tables and sentences of the training report."""

from __future__ import annotations

from collections.abc import Sequence

from scones.handover import Comparison, Model
from scones.json_object import JsonObject
from scones.pages.page import Cell, Grid, Table
from scones.pages.wording import (
    count,
    join_names,
    number,
    percent,
    percent_interval,
    points,
)
from scones.training.report_images import Answer


def per_class(test: JsonObject) -> Table | None:
    """Precision and recall of every class on the test images."""
    rows = []
    for name, figures in (test.get("per_class") or {}).items():
        precision = figures.get("precision")
        recall = figures.get("recall")
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
    return Table(
        caption="By class",
        header=("Class", "Precision", "Recall", "Images"),
        rows=tuple(rows),
    )


def confusion(test: JsonObject, classes: Sequence[str]) -> Grid | None:
    """How often each class was answered, by the class that the image shows."""
    counts = test.get("confusion")
    if not counts:
        return None
    header = tuple(f"answered {name}" for name in classes)
    rows = []
    for label, row in enumerate(counts):
        cells = [_cell(row, predicted, label == predicted) for predicted in range(len(row))]
        rows.append((f"shows {classes[label]}", tuple(cells)))
    return Grid(
        caption="What is shown, and what was answered",
        header=header,
        rows=tuple(rows),
    )


def _cell(row: Sequence[int], predicted: int, correct: bool) -> Cell:
    images = sum(row)
    share = row[predicted] / images if images else 0.0
    return Cell(
        value=f"{row[predicted]:,}",
        remark=percent(share) if images else "no image",
        tone="good" if correct else "bad",
        share=share,
    )


def splits(metrics: JsonObject, threshold: float) -> Table | None:
    """The figures on the test images beside those on the validation images."""
    test = metrics.get("test")
    validation = metrics.get("validation")
    if not test or not validation:
        return None
    own = metrics.get("own_threshold")
    names = (
        "Images",
        "Right",
        "95\u202f% interval",
        "Calibration error",
        f"Accepted at ≥ {threshold:.3g}, the workflow's threshold",
        "Right among these",
        f"Accepted at ≥ {number(own, '.3g')}, its own threshold",
        "Right among these",
    )
    rows = zip(
        names,
        _split_column(test, own),
        _split_column(validation, own),
        strict=True,
    )
    return Table(
        caption="Test beside validation",
        header=("", "Test", "Validation"),
        rows=tuple(rows),
    )


def own_shares(split: JsonObject, own: float | None) -> tuple[float | None, float | None]:
    """The share of a split that the model's own threshold accepts, and that of right ones of these.

    An older artifact has only a curve of up to 200 points, which is as exact as it is drawn.
    """
    if own is None:
        return None, None
    if "own_accepted" in split:
        return split["own_accepted"], split["own_accepted_accuracy"]
    points = [point for point in split.get("coverage") or () if point["threshold"] >= own]
    if not points:
        return None, None
    return points[-1]["accepted"], points[-1]["precision"]


def _split_column(split: JsonObject, own: float | None) -> tuple[str, ...]:
    own_accepted, own_right = own_shares(split, own)
    return (
        number(split.get("images"), ",d"),
        percent(split.get("accuracy")),
        percent_interval(split.get("accuracy_interval")),
        number(split.get("ece"), ".3f"),
        percent(split.get("accepted")),
        right_share(split.get("accepted"), split.get("accepted_accuracy")),
        percent(own_accepted),
        right_share(own_accepted, own_right),
    )


def right_share(accepted: float | None, right: float | None) -> str:
    """The share of right answers among the accepted, of which there may be none."""
    return "none accepted" if accepted == 0 else percent(right)


def image_list(answers: Sequence[Answer], caption: str) -> Table | None:
    """The classes and confidences of the images with these answers."""
    if not answers:
        return None
    rows = [
        (answer.key, answer.label, answer.predicted, percent(answer.confidence))
        for answer in answers
    ]
    return Table(
        caption=caption,
        header=("Image", "Shows", "Answered", "Confidence"),
        rows=tuple(rows),
        numeric=False,
    )


def mcnemar(comparison: Comparison) -> Table:
    """Which of the two models is right on how many images."""
    images = count(comparison.images, "test image")
    return Table(
        caption=f"{images} that both answered",
        header=("", "live model right", "live model wrong"),
        rows=(
            (
                "new model right",
                f"{comparison.both_right:,}",
                f"{comparison.only_new_right:,}",
            ),
            (
                "new model wrong",
                f"{comparison.only_live_right:,}",
                f"{comparison.both_wrong:,}",
            ),
        ),
    )


def comparison_sentence(comparison: Comparison) -> str:
    """The comparison with the live model in words."""
    difference = comparison.difference
    if difference == 0:
        ranking = "as often right as"
    elif difference > 0:
        ranking = "right more often than"
    else:
        ranking = "right less often than"
    low, high = comparison.interval
    interval = f"{points(low)} to {points(high)}"
    chance = "may explain" if low <= 0 <= high else "hardly explains"
    p_value = f"p = {comparison.p_value:.2g}"
    if comparison.p_value < 0.001:
        p_value = "p < 0.001"
    return (
        f"On the same images it is {ranking} {comparison.live}, "
        "which served when they were compared: "
        f"{points(difference)} percentage points "
        f"(95\u202f% interval {interval}; {p_value} by McNemar's exact test). "
        f"Chance alone {chance} that."
    )


def provenance(model: Model, metrics: JsonObject) -> list[tuple[str, str]]:
    """Where the model comes from: its job, data, code, hardware and artifact."""

    def figure(name: str, pattern: str, unit: str = "") -> str | None:
        value = metrics.get(name)
        return None if value is None else number(value, pattern, unit)

    drawn = " (drawn by our own code)" if model.drawn else ""
    serving = metrics.get("serving") or {}
    facts = (
        ("Training job", model.training_job),
        ("Algorithm", model.algorithm),
        ("Classes", join_names(model.classes)),
        ("Data source", model.data.source + drawn),
        ("SHA-256 of the source", model.data.sha256),
        ("Fingerprint of the staged images", model.data.fingerprint),
        ("Code version", model.code_version),
        ("Device", metrics.get("device")),
        ("Time to train", figure("seconds", ",.0f", "s")),
        ("Epochs", figure("epochs", ",d")),
        ("Views per image", serving.get("views")),
        ("Parameters", figure("parameters", ",d")),
        ("Temperature", figure("temperature", ".3f")),
        ("Artifact", model.data_url),
        ("SHA-256 of the artifact", model.artifact_sha256),
        ("Serving container image", model.image_uri),
    )
    return [(name, str(value)) for name, value in facts if value is not None]
