"""The charts of the training report, from metrics.json; None where it holds nothing to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scones.json_object import JsonObject
from scones.pages import charts
from scones.pages.charts import ACCENT, INK, MUTED, SECOND, Drawing
from scones.pages.page import Chart, Table
from scones.pages.wording import count, number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Points = Sequence[JsonObject]
ROWS = 12  # of a table beneath a chart
FEW = 30  # points, each of which is marked
SMOOTHED_EPOCHS = 15  # a moving mean covers one of so many parts of the epochs
HEIGHT = 4.2  # inches
MARKERS = (("o", SECOND), ("D", INK))


@dataclass(frozen=True)
class Mark:
    """A threshold to point out: the share of images that it accepts, and that of right answers."""

    name: str
    threshold: float
    accepted: float
    right: float


def coverage(curve: Points, target: float | None, marks: Sequence[Mark]) -> Chart | None:
    """The precision of the accepted answers against the share accepted; at most two marks."""
    if not curve:
        return None
    accepted = [float(point["accepted"]) for point in curve]
    precision = [float(point["precision"]) for point in curve]

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        if target:
            label = f"target: {percent(target)} right"
            axes.axhline(
                target,
                color=MUTED,
                linestyle="--",
                linewidth=1.2,
                label=label,
            )
        _plot(
            axes,
            accepted,
            precision,
            color=ACCENT,
            gid="curve",
            label="accepted answers",
        )
        for place, (mark, (shape, colour)) in enumerate(zip(marks, MARKERS, strict=False), 1):
            axes.plot(
                [mark.accepted],
                [mark.right],
                label=f"≥ {mark.threshold:.3g}: {mark.name}",
                gid=f"threshold-{place}",
                marker=shape,
                color=colour,
                markersize=9,
                linestyle="none",
                zorder=3,
            )
        axes.set_title("right among the accepted")
        axes.set_xlabel("accepted")
        axes.set_xlim(-0.02, 1.02)
        # Space below the lowest point for the legend, and a little above 100 %.
        lowest = min(*precision, *(mark.right for mark in marks), target or 1.0)
        height = 1.001 - lowest
        axes.set_ylim(lowest - 0.45 * height, 1 + 0.05 * height)
        axes.legend(loc="lower left")
        charts.percent_axis(axes, "x")
        charts.percent_axis(axes, "y")

    rows = [
        (
            f"{point['threshold']:.3f}",
            percent(point["accepted"]),
            percent(point["precision"]),
        )
        for point in _thin(curve)
    ]
    title = "Accepted and right"
    description = "Share of right answers among the accepted, against the share accepted."
    return Chart(
        title=title,
        drawing=Drawing("coverage", description, HEIGHT, paint),
        caption="The surest answers are on the left. Further right, the workflow accepts more "
        "images by itself, and more of them wrongly.",
        table=Table(title, ("Threshold", "Accepted", "Right among them"), tuple(rows)),
    )


def history(epochs: Points) -> Chart | None:
    """Loss and validation accuracy, epoch by epoch."""
    if not epochs:
        return None
    numbers = [int(epoch["epoch"]) for epoch in epochs]
    losses = [float(epoch["train_loss"]) for epoch in epochs]
    accuracies = [float(epoch["validation_accuracy"]) for epoch in epochs]
    width = smoothing_width(len(epochs))

    def paint(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True)
        _plot_smoothed(upper, numbers, losses, width, color=SECOND, gid="loss")
        upper.set_title("loss on the training images")
        _plot_smoothed(lower, numbers, accuracies, width, color=ACCENT, gid="accuracy")
        lower.set_title("right among the validation images")
        lower.set_xlabel("epoch")
        lower.set_xlim(0, 1.02 * numbers[-1])
        charts.whole_number_axis(lower, "x")
        charts.percent_axis(lower, "y")

    rows = [
        (
            f"{epoch['epoch']}",
            number(epoch["train_loss"]),
            percent(epoch["validation_accuracy"]),
            number(epoch.get("seconds"), ",.1f", "s"),
        )
        for epoch in _thin(epochs)
    ]
    title = "Training curves"
    smoothing = ""
    if width > 1:
        smoothing = f"Thick lines are means of {width} epochs, thin lines single epochs. "
    description = f"Loss and validation accuracy over {count(len(epochs), 'epoch')}."
    return Chart(
        title=title,
        drawing=Drawing("history", description, HEIGHT, paint),
        caption=f"{smoothing}The loss is that of augmented images, which are harder, "
        "so it does not fall to zero.",
        table=Table(title, ("Epoch", "Loss", "Validation accuracy", "Time"), tuple(rows)),
    )


def smoothing_width(epochs: int) -> int:
    """The number of epochs in a moving mean, which is odd; 1 where there are too few to smooth."""
    return 1 if epochs <= FEW else epochs // SMOOTHED_EPOCHS // 2 * 2 + 1


def smooth(values: Sequence[float], width: int) -> list[float]:
    """The mean of up to `width` values around each; fewer at the ends, as many on either side."""
    half = width // 2
    means = []
    for index in range(len(values)):
        reach = min(half, index, len(values) - 1 - index)
        window = values[index - reach : index + reach + 1]
        means.append(sum(window) / len(window))
    return means


def _plot_smoothed(
    axes: Axes,
    x: Sequence[float],
    y: Sequence[float],
    width: int,
    **style: Any,
) -> None:
    """Plot a curve, and beneath its moving mean the single values."""
    if width > 1:
        axes.plot(x, y, color=style["color"], linewidth=0.8, alpha=0.35)
    _plot(axes, x, smooth(y, width), **style)


def _plot(axes: Axes, x: Sequence[float], y: Sequence[float], **style: Any) -> None:
    """Plot a curve, whose points are marked if there are few."""
    axes.plot(x, y, marker="." if len(x) <= FEW else "", **style)


def _thin(points: Points) -> Points:
    """At most ROWS of the points, evenly spread, with the first and the last."""
    if len(points) <= ROWS:
        return points
    step = (len(points) - 1) / (ROWS - 1)
    return [points[round(index * step)] for index in range(ROWS)]
