"""The reliability diagram: what a classifier's confidence is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scones.intervals import wilson
from scones.pages import charts, wording
from scones.pages.charts import ACCENT, MUTED, Drawing
from scones.pages.page import Chart, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def diagram(bins: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Confidence against accuracy, and how many images are behind each point."""
    if not bins:
        return None
    confidence = [float(one["confidence"]) for one in bins]
    accuracy = [float(one["accuracy"]) for one in bins]
    images = [int(one["images"]) for one in bins]
    ends = [
        wilson(round(share * count), count) for share, count in zip(accuracy, images, strict=True)
    ]
    start = min(0.9, int(10 * min(confidence)) / 10)

    def paint(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        upper.plot(
            [start, 1],
            [start, 1],
            color=MUTED,
            linestyle="--",
            linewidth=1.2,
            label="confidence as it should be",
        )
        upper.vlines(confidence, *zip(*ends, strict=True), color=ACCENT, linewidth=1.2, alpha=0.6)
        upper.plot(
            confidence,
            accuracy,
            color=ACCENT,
            marker="o",
            linewidth=1.2,
            gid="bins",
            label="as measured",
        )
        upper.set(
            title="right among the answers",
            xlim=(start - 0.02, 1.02),
            ylim=(min(0, start) - 0.03, 1.03),
        )
        upper.legend(loc="lower right")
        lower.bar(confidence, images, width=(1 - start) / 40, color=ACCENT)
        for at, count in zip(confidence, images, strict=True):
            note = lower.annotate(
                f"{count:,}", (at, count), (0, 2), textcoords="offset points", ha="center"
            )
            note.set(fontsize=8.5, color=MUTED)
        lower.set(title="images", xlabel="confidence", ylim=(0, 1.3 * max(images)))
        lower.grid(visible=False, axis="x")
        charts.whole_numbers(lower, "y")
        charts.percents(upper, "y")
        charts.percents(lower, "x")

    rows = tuple(
        (wording.percent(at), wording.percent(share), wording.percents(interval), f"{count:,}")
        for at, share, interval, count in zip(confidence, accuracy, ends, images, strict=True)
    )
    return Chart(
        title="Reliability",
        drawing=Drawing(
            "reliability",
            f"Accuracy against confidence in {wording.count(len(bins), 'bin')}.",
            4.2,
            paint,
        ),
        caption="Answers of like confidence, put together: on the dashed line, as many are right as the model says. "
        "Bars up and down are 95\u202f% intervals, long where there are few images.",
        table=Table(
            "Reliability", ("Mean confidence", "Right", "95\u202f% interval", "Images"), rows
        ),
    )
