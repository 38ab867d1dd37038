"""Charts of classes, outcomes and latency over time; None where there is nothing to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scones.pages import charts
from scones.pages.charts import ACCENT, MUTED, SECOND, Drawing
from scones.pages.page import Chart
from scones.pages.wording import join_names, number, percent
from scones.reporting import times
from scones.reporting.confidence_charts import CLASS_COLOURS, OUTCOME_COLOURS, most_frequent
from scones.reporting.figures import Figures
from scones.reporting.image_table import OUTCOMES
from scones.reporting.time_charts import (
    add_legend,
    break_at_idle,
    stacked_bars,
    time_axis,
    time_table,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


OTHERS = "others"
# By outcome, so that bars do not differ in colour alone.
OUTCOME_HATCHES = ("", "//", "xx", "..", "")
HEIGHT = 3.2  # inches


def class_shares(figures: Figures, coarse: Figures) -> Chart | None:
    """The share of each class among the answers over time."""
    if not sum(figures["classes"].values()):
        return None
    shown = most_frequent(figures["classes"])
    has_others = len(shown) < len(figures["classes"])
    names = [*shown, OTHERS] if has_others else shown
    timeline = figures["timeline"]

    def shares(span: Figures) -> list[float]:
        """The shares of a span's answers; none without answers."""
        total = sum(span["classes"].values())
        if not total:
            return []
        counts = [span["classes"].get(name, 0) for name in shown]
        if has_others:
            counts.append(total - sum(counts))
        return [count / total for count in counts]

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        values = [shares(span) or [0.0] * len(names) for span in timeline["spans"]]
        colours = [*CLASS_COLOURS[: len(shown)], MUTED]
        stacked_bars(axes, timeline, values, names, colours)
        axes.set(title="share of the answers", ylim=(0, 1))
        charts.percent_axis(axes, "y")
        add_legend(figure)

    def cells(span: Figures) -> list[str]:
        texts = [percent(share) for share in shares(span)]
        return [*texts, f"{span['images']:,}"] if texts else []

    description = f"Shares of {join_names(names)} among the answers over time."
    return Chart(
        title="Classes over time",
        drawing=Drawing("classes", description, HEIGHT, paint),
        caption="Shares may change because of the drivers, the camera or the model.",
        table=time_table("Shares", (*names, "Images"), coarse, cells),
    )


def outcomes(figures: Figures, coarse: Figures) -> Chart | None:
    """The number of images by outcome over time."""
    if not figures["images"]:
        return None
    outcome_ids = [number for number, name in enumerate(OUTCOMES) if figures[name]]
    names = [OUTCOMES[number] for number in outcome_ids]
    timeline = figures["timeline"]

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        stacked_bars(
            axes,
            timeline,
            values=[[span[name] for name in names] for span in timeline["spans"]],
            names=names,
            colours=[OUTCOME_COLOURS[number] for number in outcome_ids],
            hatches=[OUTCOME_HATCHES[number] for number in outcome_ids],
        )
        axes.set(title=f"images in {times.format_length(timeline['seconds'])}")
        charts.whole_number_axis(axes, "y")
        add_legend(figure)

    def cells(span: Figures) -> list[str]:
        return [f"{span[name]:,}" for name in names]

    description = f"Number of images that were {join_names(names)} over time."
    return Chart(
        title="Outcomes over time",
        drawing=Drawing("outcomes", description, HEIGHT, paint),
        caption=(
            "Accepted images are routed; unsure images go to human review; "
            "failed images need an operator."
        ),
        table=time_table("Outcomes", names, coarse, cells),
    )


def latency(figures: Figures, coarse: Figures) -> Chart | None:
    """The duration of executions over time."""
    timeline = figures["timeline"]
    spans = [span for span in timeline["spans"] if span["latency_ms"]]
    if not spans:
        return None
    middles = [times.middle_day(span["from"], timeline["seconds"]) for span in spans]
    seconds = timeline["seconds"]
    curves = {
        "p95": ("95th percentile", ACCENT),
        "p50": ("median", SECOND),
    }

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for key, (label, colour) in curves.items():
            axes.plot(
                *break_at_idle(middles, [span["latency_ms"][key] for span in spans], seconds),
                color=colour,
                marker=".",
                label=label,
                gid=key,
            )
        axes.set(title="milliseconds from start to end")
        axes.set_ylim(bottom=0)
        charts.number_axis(axes, "y")
        time_axis(axes, min(middles), max(middles))
        add_legend(figure)

    def cells(span: Figures) -> list[str]:
        milliseconds = span["latency_ms"]
        if not milliseconds:
            return []
        return [number(milliseconds[key], ",.0f", "ms") for key in ("p50", "p95", "longest")]

    return Chart(
        title="Latency over time",
        drawing=Drawing("latency", "Duration of executions over time.", HEIGHT, paint),
        caption="Of the whole execution: three functions, the endpoint, and waiting times. "
        "The lines are interrupted where no images came.",
        table=time_table(
            "Latency",
            ("Median", "95th percentile", "Longest"),
            coarse,
            cells,
        ),
    )
