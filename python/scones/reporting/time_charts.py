"""What charts over time share: their axis, their legend, bars for spans of time, and more points than can be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scones.pages.charts import GOOD, SURFACE, WARN
from scones.reporting import times

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DAY = 86400  # seconds; charts count in days
LEAST_WIDTH = 10 / DAY  # of a chart
COLUMNS, ROWS = 48, 24  # of the grid that many points are counted in
FAINTEST = 0.12


def axis(axes: Axes, first: float, last: float) -> None:
    """Write times of day or dates below a chart from the first to the last of its days since 1970."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    margin = max(LEAST_WIDTH / 2 - (last - first) / 2, 0.02 * (last - first))
    axes.set_xlim(first - margin, last + margin)
    locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.grid(visible=False, axis="x")


def legend(figure: Figure) -> None:
    """What the colours stand for, below the chart."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    columns = 3 if sum(map(len, labels)) < 45 else 2
    figure.legend(
        handles, labels, loc="outside lower left", ncols=columns, fontsize=9.5, handlelength=1.4
    )


def bars(
    axes: Axes,
    timeline: Mapping[str, Any],
    values: Sequence[Sequence[float]],
    names: Sequence[str],
    colours: Sequence[str],
    hatches: Sequence[str] = (),
) -> None:
    """Bars that stand on one another, for every span of time the values of all names."""
    step, spans = timeline["seconds"], timeline["spans"]
    at = np.array([times.middle(one["from"], step) for one in spans])
    bottom = np.zeros(len(spans))
    for place, (name, colour, hatch) in enumerate(
        zip(names, colours, hatches or repeat(""), strict=False)
    ):
        heights = np.array([one[place] for one in values])
        look: dict[str, Any] = {
            "color": colour,
            "hatch": hatch,
            "edgecolor": SURFACE,
            "linewidth": 0.6,
        }
        axes.bar(at, heights, step / DAY * 0.94, bottom, label=name, **look)
        bottom += heights
    axis(axes, at.min() - step / DAY / 2, at.max() + step / DAY / 2)


def density(
    axes: Axes,
    at: NDArray[np.float64],
    height: NDArray[np.float64],
    threshold: float,
    lowest: float,
) -> None:
    """Count points in a grid, one of whose lines is the threshold, and draw a field the darker the more it holds."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgba

    below = round(ROWS * (threshold - lowest) / (1 - lowest))
    rows = np.unique(
        [
            *np.linspace(lowest, threshold, max(2, below + 1)),
            *np.linspace(threshold, 1, ROWS - below + 1),
        ]
    )
    columns = np.linspace(at.min(), max(at.max(), at.min() + LEAST_WIDTH), COLUMNS + 1)
    counts, _, _ = np.histogram2d(at, height, (columns, rows))
    corners, colours = [], []
    for column, row in np.argwhere(counts):
        left, right, bottom, top = columns[column], columns[column + 1], rows[row], rows[row + 1]
        corners.append([(left, bottom), (right, bottom), (right, top), (left, top)])
        strength = FAINTEST + (1 - FAINTEST) * (counts[column, row] / counts.max()) ** 0.5
        colours.append(to_rgba(GOOD if bottom >= threshold else WARN, round(float(strength), 2)))
    axes.add_collection(PolyCollection(corners, facecolors=colours, linewidths=0, gid="density"))
