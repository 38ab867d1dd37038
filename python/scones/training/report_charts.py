"""The charts of the training report, from what metrics.json holds; None where it holds nothing to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scones.pages import charts, wording
from scones.pages.charts import ACCENT, INK, MUTED, SECOND
from scones.pages.page import Chart, Table
from scones.training.comparison import wilson

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


def reliability(bins: Points) -> Chart | None:
    """Confidence against accuracy, and how many images are behind each point."""
    if not bins:
        return None
    confidence = [float(one["confidence"]) for one in bins]
    accuracy = [float(one["accuracy"]) for one in bins]
    images = [int(one["images"]) for one in bins]
    ends = [wilson(round(share * count), count) for share, count in zip(accuracy, images, strict=True)]
    start = min(0.9, int(10 * min(confidence)) / 10)

    def paint(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        upper.plot(
            [start, 1], [start, 1], color=MUTED, linestyle="--", linewidth=1.2, label="confidence as it should be"
        )
        upper.vlines(confidence, *zip(*ends, strict=True), color=ACCENT, linewidth=1.2, alpha=0.6)
        upper.plot(confidence, accuracy, color=ACCENT, marker="o", linewidth=1.2, gid="bins", label="as measured")
        upper.set(title="right among the answers", xlim=(start - 0.02, 1.02), ylim=(min(0, start) - 0.03, 1.03))
        upper.legend(loc="lower right")
        lower.bar(confidence, images, width=(1 - start) / 40, color=ACCENT)
        for at, count in zip(confidence, images, strict=True):
            note = lower.annotate(f"{count:,}", (at, count), (0, 2), textcoords="offset points", ha="center")
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
        svg=charts.svg("reliability", f"Accuracy against confidence in {wording.count(len(bins), 'bin')}.", 4.2, paint),
        caption="Answers of like confidence, put together: on the dashed line, as many are right as the model says. "
        "Bars up and down are 95\u202f% intervals, long where there are few images.",
        table=Table("Reliability", ("Mean confidence", "Right", "95\u202f% interval", "Images"), rows),
    )


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
        axes.plot(accepted, precision, color=ACCENT, marker=marker, gid="curve", label="accepted answers")
        for place, (mark, (shape, colour)) in enumerate(zip(marks, (("o", SECOND), ("D", INK)), strict=False), start=1):
            look: dict[str, Any] = {"marker": shape, "color": colour, "markersize": 9, "linestyle": "none", "zorder": 3}
            label, gid = f"≥ {mark.threshold:.3g}: {mark.name}", f"threshold-{place}"
            axes.plot([mark.accepted], [mark.right], label=label, gid=gid, **look)
        axes.set(title="right among the accepted", xlabel="accepted", xlim=(-0.02, 1.02))
        axes.set_ylim(lowest - 0.45 * (1.001 - lowest), 1 + 0.05 * (1.001 - lowest))
        axes.legend(loc="lower left")
        charts.percents(axes, "x")
        charts.percents(axes, "y")

    rows = tuple(
        (f"{point['threshold']:.3f}", wording.percent(point["accepted"]), wording.percent(point["precision"]))
        for point in _thinned(curve)
    )
    return Chart(
        title="Accepted and right",
        svg=charts.svg(
            "coverage", "Share of right answers among the accepted, against the share accepted.", 4.2, paint
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
        upper.plot(numbers, [epoch["train_loss"] for epoch in epochs], color=SECOND, marker=marker, gid="loss")
        upper.set(title="loss on the training images")
        right = [epoch["validation_accuracy"] for epoch in epochs]
        lower.plot(numbers, right, color=ACCENT, marker=marker, gid="accuracy")
        lower.set(title="right among the validation images", xlabel="epoch", xlim=(0, 1.02 * numbers[-1]))
        charts.whole_numbers(lower, "x")
        charts.percents(lower, "y")

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
        svg=charts.svg("history", description, 4.2, paint),
        caption="The loss is that of images varied at random, which makes them harder, so it does not fall to nought.",
        table=Table("Training curves", ("Epoch", "Loss", "Validation accuracy", "Time"), rows),
    )


def _thinned(points: Points) -> Points:
    """At most so many of the points, evenly spread, with the first and the last."""
    if len(points) <= ROWS:
        return points
    return [points[round(index * (len(points) - 1) / (ROWS - 1))] for index in range(ROWS)]
