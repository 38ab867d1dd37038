"""The tables and lists of the traffic report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scones.pages.page import Cell, Grid, Table
from scones.pages.wording import MINUS, number, percent, percent_interval
from scones.reporting import times
from scones.reporting.figures import Figures
from scones.reporting.image_table import OUTCOMES

MOST_CLASSES = 10  # of the confusion grid
NOTHING = "\u2013"


def source_table(figures: Figures) -> Table:
    """The images by endpoint, variant and model."""
    rows = []
    for source in figures["endpoints"]:
        confidence = source["confidence"]
        rows.append(
            (
                _source_name(source),
                f"{source['images']:,}",
                f"{source['accepted']:,}",
                f"{source['unsure']:,}",
                f"{source['failed']:,}",
                NOTHING if confidence is None else percent(confidence),
                f"{source['classes'] or NOTHING}",
                times.format_span(source["first"], source["last"]),
            )
        )
    header = (
        "Source",
        "Images",
        "Accepted",
        "Unsure",
        "Failed",
        "Mean confidence",
        "Classes",
        "Time (UTC)",
    )
    return Table("By endpoint, variant and model", header, tuple(rows))


def _source_name(source: Figures) -> str:
    if not source["captured"]:
        return "not captured"
    name = source["endpoint"] or "unnamed endpoint"
    if source["variant"]:
        name += f" / {source['variant']}"
    if source["model"]:
        name += f", {source['model']}"
    return name


def outcome_table(figures: Figures) -> Table:
    """The number of images by outcome and by error."""
    always_shown = ("accepted", "unsure", "failed")
    counts = {name: figures[name] for name in OUTCOMES if figures[name] or name in always_shown}
    for error, images in figures["errors"].items():
        counts[f"failed: {error}"] = images
    total = max(1, figures["images"])
    rows = tuple((name, f"{images:,}", percent(images / total)) for name, images in counts.items())
    return Table("Outcomes", ("Outcome", "Images", "Share"), rows)


def accuracy_table(figures: Figures) -> Table | None:
    """How good the answers with ground truth are."""
    accuracy = figures["truth"]
    if not accuracy:
        return None
    rows = (
        ("Images with ground truth", f"{accuracy['images']:,}"),
        ("Correct", percent(accuracy["accuracy"])),
        ("95\u202f% interval", percent_interval(accuracy["accuracy_interval"])),
        ("Correct among the accepted", percent(accuracy["accepted_accuracy"])),
        ("Correct among the others", percent(accuracy["unsure_accuracy"])),
        ("Calibration error", number(accuracy["ece"], ".3f")),
    )
    return Table("Images with ground truth", ("", "Value"), rows)


def confusion_grid(figures: Figures) -> Grid | None:
    """How often each class was answered for each ground truth."""
    accuracy = figures["truth"]
    if not accuracy or len(accuracy["classes"]) > MOST_CLASSES:
        return None
    classes = accuracy["classes"]
    rows = []
    for shown, counts in enumerate(accuracy["confusion"]):
        if sum(counts):
            cells = _confusion_cells(counts, shown)
            rows.append((f"shows {classes[shown]}", cells))
    header = tuple(f"answered {name}" for name in classes)
    return Grid("Ground truth and answers", header, tuple(rows))


def _confusion_cells(counts: Sequence[int], shown: int) -> tuple[Cell, ...]:
    """A row of the grid; `shown` is the column of the correct answers."""
    cells = []
    for answered, images in enumerate(counts):
        share = images / sum(counts)
        tone = "good" if answered == shown else "bad"
        cells.append(Cell(f"{images:,}", percent(share), tone, share))
    return tuple(cells)


def drift_table(drift: Figures | None) -> Table | None:
    """The tests of a comparison with the baseline."""
    if not drift or not drift["tests"]:
        return None
    rows = []
    for test in drift["tests"]:
        mark = " (drifted)" if test["drifted"] else ""
        rows.append(
            (
                f"{test['name']}{mark}",
                _feature_value(test["baseline"]),
                _feature_value(test["window"]),
                f"{test['measure']} {_feature_value(test['statistic'])}",
                f"{test['p_value']:.5f}",
                f"{test['adjusted']:.5f}",
            )
        )
    header = (
        "Feature",
        "Baseline",
        "Window",
        "Statistic",
        "p",
        "p, adjusted",
    )
    return Table("Features", header, tuple(rows))


def _feature_value(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {percent(share, 0)}" for name, share in value.items())
    # z: a small negative number is 0.000, not -0.000.
    return f"{value:z.3f}".replace("-", MINUS)


def skipped_lines(figures: Figures, most: int | None = None) -> list[str]:
    """The skipped files and lines with the reason; at most `most`, and how many more there are."""
    lines = [f"{skipped['place']}: {skipped['reason']}" for skipped in figures["skipped_named"]]
    lines = lines[:most]
    if more := figures["skipped"] - len(lines):
        lines.append(f"and {more:,} more")
    return lines
