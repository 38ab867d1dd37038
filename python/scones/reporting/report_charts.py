"""The charts of a traffic report, from its figures; None where these hold nothing to draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from scones.pages import charts, wording
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
from scones.pages.wording import count, number, percent
from scones.reporting import time_charts, times
from scones.reporting.joined import OUTCOMES, Images

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Value = TypeVar("Value")

Figures = Mapping[str, Any]

CLASS_COLOURS = (ACCENT, SECOND, THIRD, FOURTH, FIFTH)
OTHERS = "others"
TONES = (GOOD, WARN, BAD, SECOND, MUTED)  # of OUTCOMES
HATCHES = ("", "//", "xx", "..", "")  # of OUTCOMES: colours are not all that tells them apart
MOST_POINTS = 600  # to be drawn one by one


def confidence(images: Images, figures: Figures, coarse: Figures) -> Chart | None:
    """How sure every answer was, when."""
    known = ~np.isnan(images.confidence)
    if not known.any():
        return None
    at, sure, outcome = (
        images.at[known] / time_charts.DAY,
        images.confidence[known],
        images.outcome[known],
    )
    threshold, spans, step = (
        figures["threshold"],
        figures["timeline"]["spans"],
        figures["timeline"]["seconds"],
    )
    lowest = min(0.9, float(np.floor(sure.min() * 10) / 10), (threshold or 1) - 0.05)
    single = len(sure) <= MOST_POINTS

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        if single:
            for place, name in enumerate(OUTCOMES):
                if (outcome == place).any():
                    look: dict[str, Any] = {
                        "color": TONES[place],
                        "s": 14 + 1500 / (len(sure) + 20),
                        "alpha": 0.75,
                        "linewidths": 0,
                        "gid": f"points-{name}",
                    }
                    axes.scatter(at[outcome == place], sure[outcome == place], label=name, **look)
        else:
            time_charts.density(axes, at, sure, threshold or 1, lowest)
            middles = [
                times.middle(one["from"], step)
                for one in spans
                if one["confidence"]["p50"] is not None
            ]
            medians = [
                one["confidence"]["p50"] for one in spans if one["confidence"]["p50"] is not None
            ]
            axes.plot(middles, medians, color=INK, linewidth=1.4, label="median", gid="median")
        if threshold is not None:
            line: dict[str, Any] = {
                "color": MUTED,
                "linestyle": "--",
                "linewidth": 1.4,
                "gid": "threshold",
            }
            axes.axhline(threshold, label=f"threshold {threshold:.3g}", **line)
        axes.set(title="confidence", ylim=(lowest - 0.03 * (1 - lowest), 1 + 0.03 * (1 - lowest)))
        charts.percent_axis(axes, "y")
        time_charts.axis(axes, at.min(), at.max())
        time_charts.legend(figure)

    rows = tuple(
        (
            times.start(one["from"], coarse["seconds"]),
            percent(one["confidence"]["p50"]),
            f"{percent(one['confidence']['p10'])} to {percent(one['confidence']['p90'])}",
            f"{one['images']:,}",
        )
        for one in coarse["spans"]
        if one["confidence"]["p50"] is not None
    )
    each = (
        "Every point is a picture."
        if single
        else "The darker a field, the more pictures are in it."
    )
    return Chart(
        title="Confidence over time",
        drawing=Drawing(
            "confidence", f"How sure {count(len(sure), 'answer')} were, over time.", 3.4, paint
        ),
        caption=f"{each} Those below the dashed line go to people.",
        table=Table(
            f"Confidence by {times.length(coarse['seconds'])}",
            ("From", "Median", "80\u202f% lie in", "Images"),
            rows,
        ),
    )


def histogram(figures: Figures) -> Chart | None:
    """How often each confidence came up, class by class."""
    found = figures["histogram"]
    if not found:
        return None
    shown, left_out = _most(found["classes"], lambda counts: sum(counts))
    edges, threshold = np.array(found["edges"]), figures["threshold"]

    def paint(figure: Figure) -> None:
        every = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
        for name, axes, colour in zip(shown, every, CLASS_COLOURS, strict=False):
            axes.bar(
                edges[:-1],
                found["classes"][name],
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

    totals = [(name, found["classes"][name]) for name in shown]
    rows = tuple(
        (
            f"{percent(low, 0)} to {percent(high, 0)}",
            *(f"{counts[place]:,}" for _, counts in totals),
        )
        for place, (low, high) in enumerate(pairwise(edges))
        if any(counts[place] for _, counts in totals)
    )
    aside = f" {count(left_out, 'rarer class', 'rarer classes')} left out." if left_out else ""
    return Chart(
        title="Confidence by class",
        drawing=Drawing(
            "histogram",
            f"Histogram of confidence for {wording.join_names(shown)}.",
            0.9 + 1.25 * len(shown),
            paint,
        ),
        caption=f"How many pictures were answered so, how surely; the dashed line is the threshold.{aside}",
        table=Table("Images by confidence", ("Confidence", *shown), rows),
    )


def classes(figures: Figures, coarse: Figures) -> Chart | None:
    """What share of the answers each class had, when."""
    if not sum(figures["classes"].values()):
        return None
    shown, left_out = _most(figures["classes"], lambda images: images)
    names = [*shown, OTHERS] if left_out else shown
    colours = [*CLASS_COLOURS[: len(shown)], MUTED]

    def shares(span: Figures) -> list[float] | None:
        counts = [span["classes"].get(name, 0) for name in shown]
        total = sum(span["classes"].values())
        counts += [total - sum(counts)] if left_out else []
        return [one / total for one in counts] if total else None

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        every = [shares(one) or [0.0] * len(names) for one in figures["timeline"]["spans"]]
        time_charts.bars(axes, figures["timeline"], every, names, colours)
        axes.set(title="share of the answers", ylim=(0, 1))
        charts.percent_axis(axes, "y")
        time_charts.legend(figure)

    rows = tuple(
        (
            times.start(one["from"], coarse["seconds"]),
            *(map(percent, shares(one) or ())),
            f"{one['images']:,}",
        )
        for one in coarse["spans"]
        if shares(one)
    )
    return Chart(
        title="Classes over time",
        drawing=Drawing(
            "classes",
            f"Shares of {wording.join_names(names)} among the answers, over time.",
            3.2,
            paint,
        ),
        caption="A mix that changes may be the drivers' doing, the camera's or the model's.",
        table=Table(
            f"Shares by {times.length(coarse['seconds'])}", ("From", *names, "Images"), rows
        ),
    )


def outcomes(figures: Figures, coarse: Figures) -> Chart | None:
    """How many pictures ended how, when."""
    if not figures["images"]:
        return None
    met = [place for place, name in enumerate(OUTCOMES) if figures[name]]
    names = [OUTCOMES[place] for place in met]
    table = figures["timeline"]

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        counts = [[one[name] for name in names] for one in table["spans"]]
        looks = [TONES[place] for place in met], [HATCHES[place] for place in met]
        time_charts.bars(axes, table, counts, names, *looks)
        axes.set(title=f"pictures in {times.length(table['seconds'])}")
        charts.whole_number_axis(axes, "y")
        time_charts.legend(figure)

    rows = tuple(
        (times.start(one["from"], coarse["seconds"]), *(f"{one[name]:,}" for name in names))
        for one in coarse["spans"]
    )
    return Chart(
        title="Outcomes over time",
        drawing=Drawing(
            "outcomes",
            f"How many pictures were {wording.join_names(names)}, over time.",
            3.2,
            paint,
        ),
        caption="Accepted ones are routed; unsure ones go to people; failed ones need an operator.",
        table=Table(f"Outcomes by {times.length(coarse['seconds'])}", ("From", *names), rows),
    )


def latency(figures: Figures, coarse: Figures) -> Chart | None:
    """How long executions took, when."""
    spans = [one for one in figures["timeline"]["spans"] if one["latency_ms"]]
    if not spans:
        return None
    step = figures["timeline"]["seconds"]
    at = [times.middle(one["from"], step) for one in spans]

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for key, name, colour in (
            ("p95", "95 of 100 take less", ACCENT),
            ("p50", "half take less", SECOND),
        ):
            axes.plot(
                at,
                [one["latency_ms"][key] for one in spans],
                color=colour,
                marker=".",
                label=name,
                gid=key,
            )
        axes.set(title="milliseconds from start to end")
        axes.set_ylim(bottom=0)
        time_charts.axis(axes, min(at), max(at))
        time_charts.legend(figure)

    rows = tuple(
        (
            times.start(one["from"], coarse["seconds"]),
            number(one["latency_ms"]["p50"], ",.0f", "ms"),
            number(one["latency_ms"]["p95"], ",.0f", "ms"),
            number(one["latency_ms"]["longest"], ",.0f", "ms"),
        )
        for one in coarse["spans"]
        if one["latency_ms"]
    )
    return Chart(
        title="Latency over time",
        drawing=Drawing("latency", "How long executions took, over time.", 3.2, paint),
        caption="Of the whole execution: three functions, the endpoint, and waiting in between.",
        table=Table(
            f"Latency by {times.length(coarse['seconds'])}",
            ("From", "Median", "95th percentile", "Longest"),
            rows,
        ),
    )


def _most(found: Mapping[str, Value], size: Callable[[Value], float]) -> tuple[list[str], int]:
    """The names of the largest, as many as there are colours, in their own order; and how many are left out."""
    largest = sorted(found, key=lambda name: -size(found[name]))[: len(CLASS_COLOURS)]
    return [name for name in found if name in largest], len(found) - len(largest)
