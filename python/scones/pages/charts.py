"""Charts as inline SVG in the colours of the page's theme, whichever of light and dark that shows."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Drawn in stand-ins, each of which then gives way to the theme's variable of that name.
INK, MUTED, LINE, ACCENT, SECOND, SURFACE = (f"#0{number}0{number}0{number}" for number in range(1, 7))
THEME = {INK: "ink", MUTED: "muted", LINE: "line", ACCENT: "accent", SECOND: "second", SURFACE: "surface"}

WIDTH = 4.6  # inches, of 72 units of the SVG's own; small, so that letters stay readable on a phone
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "scones",
    "font.size": 10.5,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titlecolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.use_locale": False,
    "grid.color": LINE,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "lines.linewidth": 2,
}


def svg(name: str, description: str, height: float, paint: Callable[[Figure], None]) -> str:
    """What `paint` draws on an empty figure of `height` inches, as an `<svg>` that a page may hold.

    `name` keeps its ids apart from those of other charts on the page; `description` is what a screen reader says.
    """
    import matplotlib  # late: it takes half a second, and most verbs draw nothing
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # not the user's own style
        matplotlib.rcParams.update(STYLE)
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        paint(figure)
        file = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(file, format="svg", metadata=nothing)
    return _inline(file.getvalue(), name, description)


def percents(axes: Axes, axis: str) -> None:
    """Write the shares on an axis, "x" or "y", in percent."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    chosen = {"x": axes.xaxis, "y": axes.yaxis}[axis]
    chosen.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    chosen.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.4g} %"))


def whole_numbers(axes: Axes, axis: str) -> None:
    """Write whole numbers alone on an axis, "x" or "y"."""
    from matplotlib.ticker import MaxNLocator

    {"x": axes.xaxis, "y": axes.yaxis}[axis].set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))


def _inline(document: str, name: str, description: str) -> str:
    [box] = re.findall(r'viewBox="([^"]+)"', document)[:1]
    body = document[document.index(">", document.index("<svg")) + 1 :].strip()
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = body.replace("xlink:href", "href")
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", body)
    body = re.sub("|".join(THEME), lambda found: f"var(--{THEME[found[0]]})", body)
    label = html.escape(description)
    return f'<svg class="chart" role="img" aria-label="{label}" viewBox="{box}">\n{body}'
