"""The charts of the training report, from what metrics.json holds; None where it holds nothing to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scones.pages import charts, wording
from scones.pages.charts import ACCENT, INK, MUTED, SECOND, Drawing
from scones.pages.page import Chart, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Points = Sequence[Mapping[str, Any]]
ROWS = 12  # of a table beneath a chart
FEW = 30  # points, each of which is marked


@dataclass(frozen=True)
class Mark:
    """A threshold to point out: the share of the images that it accepts, and the share of these that are right."""

    name: str
    threshold: float
    accepted: float
    right: float


def coverage(curve: Points, target: float | None, marks: Sequence[Mark]) -> Chart | None:
    """The share of right answers among those accepted, as ever less sure ones are accepted too; two marks at most."""
    if not curve:
        return None
    accepted = [float(point["accepted"]) for point in curve]
    precision = [float(point["precision"]) for point in curve]
    lowest = min([*precision, *(mark.right for mark in marks), *([target] if target else [])])

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        if target:
            label = f"target: {wording.percent(target)} right"
            axes.axhline(target, color=MUTED, linestyle="--", linewidth=1.2, label=label)
        marker = "." if len(curve) <= FEW else ""
        axes.plot(
            accepted, precision, color=ACCENT, marker=marker, gid="curve", label="accepted answers"
        )
        for place, (mark, (shape, colour)) in enumerate(
            zip(marks, (("o", SECOND), ("D", INK)), strict=False), start=1
        ):
            look: dict[str, Any] = {
                "marker": shape,
                "color": colour,
                "markersize": 9,
                "linestyle": "none",
                "zorder": 3,
            }
            label, gid = f"≥ {mark.threshold:.3g}: {mark.name}", f"threshold-{place}"
            axes.plot([mark.accepted], [mark.right], label=label, gid=gid, **look)
        axes.set(title="right among the accepted", xlabel="accepted", xlim=(-0.02, 1.02))
        axes.set_ylim(lowest - 0.45 * (1.001 - lowest), 1 + 0.05 * (1.001 - lowest))
        axes.legend(loc="lower left")
        charts.percent_axis(axes, "x")
        charts.percent_axis(axes, "y")

    rows = tuple(
        (
            f"{point['threshold']:.3f}",
            wording.percent(point["accepted"]),
            wording.percent(point["precision"]),
        )
        for point in _thinned(curve)
    )
    return Chart(
        title="Accepted and right",
        drawing=Drawing(
            "coverage",
            "Share of right answers among the accepted, against the share accepted.",
            4.2,
            paint,
        ),
        caption="The surest answers stand on the left. The further right, the more pictures the workflow sorts by "
        "itself, and the more of them wrongly.",
        table=Table("Accepted and right", ("Threshold", "Accepted", "Right among them"), rows),
    )


def history(epochs: Points) -> Chart | None:
    """Loss and validation accuracy, epoch by epoch."""
    if not epochs:
        return None
    numbers = [int(epoch["epoch"]) for epoch in epochs]
    marker = "." if len(epochs) <= FEW else ""

    def paint(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True)
        upper.plot(
            numbers,
            [epoch["train_loss"] for epoch in epochs],
            color=SECOND,
            marker=marker,
            gid="loss",
        )
        upper.set(title="loss on the training images")
        right = [epoch["validation_accuracy"] for epoch in epochs]
        lower.plot(numbers, right, color=ACCENT, marker=marker, gid="accuracy")
        lower.set(
            title="right among the validation images", xlabel="epoch", xlim=(0, 1.02 * numbers[-1])
        )
        charts.whole_number_axis(lower, "x")
        charts.percent_axis(lower, "y")

    rows = tuple(
        (
            f"{epoch['epoch']}",
            wording.number(epoch["train_loss"]),
            wording.percent(epoch["validation_accuracy"]),
            wording.number(epoch.get("seconds"), ",.1f", "s"),
        )
        for epoch in _thinned(epochs)
    )
    description = f"Loss and validation accuracy over {wording.count(len(epochs), 'epoch')}."
    return Chart(
        title="Training curves",
        drawing=Drawing("history", description, 4.2, paint),
        caption="The loss is that of images varied at random, which makes them harder, so it does not fall to nought.",
        table=Table("Training curves", ("Epoch", "Loss", "Validation accuracy", "Time"), rows),
    )


def _thinned(points: Points) -> Points:
    """At most so many of the points, evenly spread, with the first and the last."""
    if len(points) <= ROWS:
        return points
    return [points[round(index * (len(points) - 1) / (ROWS - 1))] for index in range(ROWS)]
