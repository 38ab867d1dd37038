"""What charts over time share: axis, legend, stacked bars, density of many points, and table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from math import nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scones.json_object import JsonObject
from scones.pages.charts import GOOD, SURFACE, WARN
from scones.pages.page import Table
from scones.reporting.times import DAY, format_length, format_start, middle_day

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAST_WIDTH = 10 / DAY  # of a chart, in days
COLUMNS, ROWS = 48, 24  # of the density grid
FAINTEST = 0.12
IDLE_SPANS = 2  # without an image, which interrupt a line
# Longer steps between ticks than matplotlib has for seconds, minutes, hours and days (by dateutil's
# numbers of these), so that six ticks always suffice.
LONGEST_INTERVALS = {6: 60, 5: 60, 4: 24, 3: 91}


def time_axis(axes: Axes, first: float, last: float) -> None:
    """Label the x axis with times or dates, from `first` to `last` in days since 1970."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    length = last - first
    margin = max((LEAST_WIDTH - length) / 2, 0.02 * length)
    axes.set_xlim(first - margin, last + margin)
    locator = AutoDateLocator(minticks=3, maxticks=6)
    for frequency, interval in LONGEST_INTERVALS.items():
        locator.intervald[frequency].append(interval)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.grid(visible=False, axis="x")


def break_at_idle(
    days: Sequence[float],
    values: Sequence[float],
    seconds: int,
) -> tuple[list[float], list[float]]:
    """The points of a line, with NaN between them wherever IDLE_SPANS or more have no images.

    `days` are the middles of spans of that many `seconds` in days since 1970, in order.
    """
    x: list[float] = []
    y: list[float] = []
    for day, value in zip(days, values, strict=True):
        if x and (day - x[-1]) * DAY > (IDLE_SPANS + 0.5) * seconds:
            x.append(nan)
            y.append(nan)
        x.append(day)
        y.append(value)
    return x, y


def add_legend(figure: Figure) -> None:
    """Put the legend below the chart."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    columns = 3 if sum(map(len, labels)) < 45 else 2
    figure.legend(
        handles,
        labels,
        loc="outside lower left",
        ncols=columns,
        fontsize=9.5,
        handlelength=1.4,
    )


def stacked_bars(
    axes: Axes,
    timeline: JsonObject,
    values: Sequence[Sequence[float]],
    names: Sequence[str],
    colours: Sequence[str],
    hatches: Sequence[str] = (),
) -> None:
    """Draw a bar per span of time, made up of a value for each name."""
    days = timeline["seconds"] / DAY
    middles = np.array(
        [middle_day(span["from"], timeline["seconds"]) for span in timeline["spans"]]
    )
    bottom = np.zeros(len(middles))
    heights = np.array(values).T
    for name, height, colour, hatch in zip(
        names,
        heights,
        colours,
        hatches or repeat(""),
        strict=False,
    ):
        axes.bar(
            middles,
            height,
            days * 0.94,
            bottom,
            label=name,
            color=colour,
            hatch=hatch,
            edgecolor=SURFACE,
            linewidth=0.6,
        )
        bottom += height
    time_axis(axes, middles.min() - days / 2, middles.max() + days / 2)


def draw_density(
    axes: Axes,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    threshold: float,
    lowest: float,
) -> None:
    """Draw a grid whose cells are the darker, the more points they hold.

    One of its horizontal lines is the threshold, so that a cell is either above or below.
    """
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgba

    rows_below = round(ROWS * (threshold - lowest) / (1 - lowest))
    below = np.linspace(lowest, threshold, max(2, rows_below + 1))
    above = np.linspace(threshold, 1, ROWS - rows_below + 1)
    row_edges = np.unique([*below, *above])
    last = max(x.max(), x.min() + LEAST_WIDTH)
    column_edges = np.linspace(x.min(), last, COLUMNS + 1)
    counts, _, _ = np.histogram2d(x, y, (column_edges, row_edges))
    cells = []
    colours = []
    for column, row in np.argwhere(counts):
        left, right = column_edges[column : column + 2]
        bottom, top = row_edges[row : row + 2]
        cells.append([(left, bottom), (right, bottom), (right, top), (left, top)])
        # The square root keeps sparse cells visible beside crowded ones.
        strength = (counts[column, row] / counts.max()) ** 0.5
        opacity = FAINTEST + (1 - FAINTEST) * strength
        colour = GOOD if bottom >= threshold else WARN
        colours.append(to_rgba(colour, round(float(opacity), 2)))
    axes.add_collection(PolyCollection(cells, facecolors=colours, linewidths=0, gid="density"))


def time_table(
    title: str,
    columns: Sequence[str],
    timeline: JsonObject,
    cells: Callable[[JsonObject], Sequence[str]],
) -> Table:
    """A table with a row of `cells` for each span; spans without cells are left out."""
    rows = []
    for span in timeline["spans"]:
        if texts := cells(span):
            start = format_start(span["from"], timeline["seconds"])
            rows.append((start, *texts))
    return Table(
        f"{title} by {format_length(timeline['seconds'])}",
        ("From", *columns),
        tuple(rows),
    )
