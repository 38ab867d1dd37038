"""Charts of confidence, over time and by class; None where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scones.pages import charts
from scones.pages.charts import (
    ACCENT,
    BAD,
    FIFTH,
    FOURTH,
    GOOD,
    INK,
    MUTED,
    SECOND,
    THIRD,
    WARN,
    Drawing,
)
from scones.pages.page import Chart, Table
from scones.pages.wording import count, join_names, percent
from scones.reporting import times
from scones.reporting.figures import Figures
from scones.reporting.image_table import OUTCOMES, ImageTable
from scones.reporting.time_charts import (
    add_legend,
    break_at_idle,
    draw_density,
    time_axis,
    time_table,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


CLASS_COLOURS = (ACCENT, SECOND, THIRD, FOURTH, FIFTH)
OUTCOME_COLOURS = (GOOD, WARN, BAD, SECOND, MUTED)
MOST_POINTS = 600  # drawn one by one


def confidence_over_time(table: ImageTable, figures: Figures, coarse: Figures) -> Chart | None:
    """The confidence of every answer over time."""
    answered = table.answered
    if not answered.any():
        return None
    days = table.at[answered] / times.DAY
    confidence = table.confidence[answered]
    outcome = table.outcome[answered]
    threshold = figures["threshold"]
    lowest = min(
        0.9,
        float(np.floor(confidence.min() * 10) / 10),
        (threshold or 1) - 0.05,
    )
    has_points = len(confidence) <= MOST_POINTS

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        if has_points:
            _draw_points(axes, days, confidence, outcome)
        else:
            draw_density(axes, days, confidence, threshold or 1, lowest)
            _draw_medians(axes, figures["timeline"])
        if threshold is not None:
            axes.axhline(
                threshold,
                label=f"threshold {threshold:.3g}",
                color=MUTED,
                linestyle="--",
                linewidth=1.4,
                gid="threshold",
            )
        margin = 0.03 * (1 - lowest)
        axes.set(title="confidence", ylim=(lowest - margin, 1 + margin))
        charts.percent_axis(axes, "y")
        time_axis(axes, days.min(), days.max())
        add_legend(figure)

    def cells(span: Figures) -> list[str]:
        quantiles = span["confidence"]
        if quantiles["p50"] is None:
            return []
        return [
            percent(quantiles["p50"]),
            f"{percent(quantiles['p10'])} to {percent(quantiles['p90'])}",
            f"{span['images']:,}",
        ]

    description = f"Confidence of {count(len(confidence), 'answer')} over time."
    marks = "Every point is an image." if has_points else "Darker cells hold more images."
    return Chart(
        title="Confidence over time",
        drawing=Drawing("confidence", description, 3.4, paint),
        caption=f"{marks} Images below the dashed line go to human review.",
        table=time_table(
            "Confidence",
            ("Median", "80\u202f% of the images", "Images"),
            coarse,
            cells,
        ),
    )


def _draw_points(
    axes: Axes,
    days: NDArray[np.float64],
    confidence: NDArray[np.float64],
    outcome: NDArray[np.int32],
) -> None:
    """A point for every image, in the colour of its outcome."""
    for number, (name, colour) in enumerate(zip(OUTCOMES, OUTCOME_COLOURS, strict=True)):
        chosen = outcome == number
        if chosen.any():
            axes.scatter(
                days[chosen],
                confidence[chosen],
                label=name,
                color=colour,
                s=14 + 1500 / (len(confidence) + 20),
                alpha=0.75,
                linewidths=0,
                gid=f"points-{name}",
            )


def _draw_medians(axes: Axes, timeline: Figures) -> None:
    spans = [span for span in timeline["spans"] if span["confidence"]["p50"] is not None]
    middles = [times.middle_day(span["from"], timeline["seconds"]) for span in spans]
    medians = [span["confidence"]["p50"] for span in spans]
    axes.plot(
        *break_at_idle(middles, medians, timeline["seconds"]),
        color=INK,
        linewidth=1.4,
        label="median",
        gid="median",
    )


def confidence_by_class(figures: Figures) -> Chart | None:
    """A histogram of confidence for each of the most frequent classes."""
    histogram = figures["histogram"]
    if not histogram:
        return None
    totals = {name: sum(counts) for name, counts in histogram["classes"].items()}
    names = most_frequent(totals)
    edges = np.array(histogram["edges"])
    threshold = figures["threshold"]

    def paint(figure: Figure) -> None:
        panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
        for name, axes, colour in zip(names, panels, CLASS_COLOURS, strict=False):
            axes.bar(
                edges[:-1],
                histogram["classes"][name],
                np.diff(edges) * 0.92,
                align="edge",
                color=colour,
            )
            if threshold is not None:
                axes.axvline(threshold, color=MUTED, linestyle="--", linewidth=1.4)
            axes.set(title=name, xlim=(edges[0], 1))
            axes.grid(visible=False, axis="x")
            charts.whole_number_axis(axes, "y")
            charts.percent_axis(axes, "x")
        axes.set(xlabel="confidence")

    rows = []
    for index, (low, high) in enumerate(pairwise(edges)):
        counts = [histogram["classes"][name][index] for name in names]
        if any(counts):
            texts = [f"{number:,}" for number in counts]
            rows.append((f"{percent(low, 0)} to {percent(high, 0)}", *texts))
    caption = "Number of images by confidence; the dashed line is the threshold."
    if left_out := len(totals) - len(names):
        caption += f" {count(left_out, 'rarer class', 'rarer classes')} left out."
    return Chart(
        title="Confidence by class",
        drawing=Drawing(
            name="histogram",
            description=f"Histogram of confidence for {join_names(names)}.",
            height=0.9 + 1.25 * len(names),
            paint=paint,
        ),
        caption=caption,
        table=Table("Images by confidence", ("Confidence", *names), tuple(rows)),
    )


def most_frequent(totals: Mapping[str, int]) -> list[str]:
    """The most frequent classes in their own order, at most as many as there are colours."""
    by_frequency = sorted(totals, key=lambda name: -totals[name])
    largest = by_frequency[: len(CLASS_COLOURS)]
    return [name for name in totals if name in largest]
