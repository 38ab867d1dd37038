"""The reliability diagram: confidence against accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from container.evaluation.metrics import wilson
from scones.json_object import JsonObject
from scones.pages import charts, wording
from scones.pages.charts import ACCENT, MUTED, Drawing
from scones.pages.page import Chart, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CAPTION = (
    "Answers of similar confidence are grouped; on the dashed line, confidence equals accuracy. "
    "Vertical bars are 95\u202f% intervals, long where there are few images."
)


def diagram(bins: Sequence[JsonObject]) -> Chart | None:
    """Accuracy by confidence, with the number of images behind each point; None without bins."""
    if not bins:
        return None
    confidence = [row["confidence"] for row in bins]
    accuracy = [row["accuracy"] for row in bins]
    images = [row["images"] for row in bins]
    intervals = [
        wilson(round(share * total), total)
        for share, total in zip(
            accuracy,
            images,
            strict=True,
        )
    ]
    lowest = min(0.9, int(10 * min(confidence)) / 10)

    def paint(figure: Figure) -> None:
        upper, lower = figure.subplots(
            2,
            1,
            sharex=True,
            height_ratios=(3, 1),
        )
        upper.plot(
            [lowest, 1],
            [lowest, 1],
            color=MUTED,
            linestyle="--",
            linewidth=1.2,
            label="perfectly calibrated",
        )
        lows, highs = zip(*intervals, strict=True)
        upper.vlines(
            confidence,
            lows,
            highs,
            color=ACCENT,
            linewidth=1.2,
            alpha=0.6,
        )
        upper.plot(
            confidence,
            accuracy,
            color=ACCENT,
            marker="o",
            linewidth=1.2,
            gid="bins",
            label="measured",
        )
        upper.set(
            title="accuracy",
            xlim=(lowest - 0.02, 1.02),
            ylim=(min(0, lowest) - 0.03, 1.03),
        )
        upper.legend(loc="lower right")
        lower.bar(
            confidence,
            images,
            width=(1 - lowest) / 40,
            color=ACCENT,
        )
        for x, total in zip(
            confidence,
            images,
            strict=True,
        ):
            lower.annotate(
                f"{total:,}",
                (x, total),
                (0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
                color=MUTED,
            )
        lower.set(
            title="images",
            xlabel="confidence",
            ylim=(0, 1.3 * max(images)),
        )
        lower.grid(visible=False, axis="x")
        charts.whole_number_axis(lower, "y")
        charts.percent_axis(upper, "y")
        charts.percent_axis(lower, "x")

    rows = tuple(
        (
            wording.percent(mean),
            wording.percent(share),
            wording.percent_interval(interval),
            f"{total:,}",
        )
        for mean, share, interval, total in zip(
            confidence,
            accuracy,
            intervals,
            images,
            strict=True,
        )
    )
    description = f"Accuracy against confidence in {wording.count(len(bins), 'bin')}."
    return Chart(
        title="Reliability",
        drawing=Drawing(
            "reliability",
            description,
            4.2,
            paint,
        ),
        caption=CAPTION,
        table=Table(
            "Reliability",
            ("Mean confidence", "Correct", "95\u202f% interval", "Images"),
            rows,
        ),
    )
