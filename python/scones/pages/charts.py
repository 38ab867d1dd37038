"""Charts in the colours of the page's theme: as inline SVG, in whichever of light and dark the page shows, and as PNG
files in the light ones."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# What is painted names its colours as the theme does. An SVG is drawn in stand-ins, each of which then gives way to the
# theme's variable.
THEME = {
    f"#{number:02x}{number:02x}{number:02x}": name
    for number, name in enumerate(
        (
            "ink",
            "muted",
            "line",
            "accent",
            "second",
            "surface",
            "third",
            "fourth",
            "fifth",
            "good",
            "warn",
            "bad",
        ),
        1,
    )
}
(INK, MUTED, LINE, ACCENT, SECOND, SURFACE, THIRD, FOURTH, FIFTH, GOOD, WARN, BAD) = (
    f"scones:{name}" for name in THEME.values()
)
CSS = Path(__file__).with_name("theme.css")

RESOLUTION = 220  # dots per inch of a PNG file
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
    "figure.edgecolor": "none",
    "hatch.linewidth": 0.8,
    "savefig.facecolor": "none",
    "timezone": "UTC",
    "legend.frameon": False,
    "lines.linewidth": 2,
}


@dataclass(frozen=True)
class Drawing:
    """What `paint` draws on an empty figure of `height` inches.

    `name` keeps its ids apart from those of other charts on the page; `description` is what a screen reader says.
    """

    name: str
    description: str
    height: float
    paint: Callable[[Figure], None]

    def svg(self) -> str:
        """An `<svg>` that a page may hold."""
        file = io.StringIO()
        with _figure(self, {name: stand_in for stand_in, name in THEME.items()}) as figure:
            nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            figure.savefig(file, format="svg", metadata=nothing)
        return _inline(file.getvalue(), self.name, self.description)

    def png(self) -> bytes:
        """A PNG file, to be looked at on white."""
        file = io.BytesIO()
        with _figure(self, light()) as figure:
            figure.savefig(
                file,
                format="png",
                dpi=RESOLUTION,
                facecolor="white",
                metadata={"Title": self.description},
            )
        return file.getvalue()


def light() -> Mapping[str, str]:
    """The theme's colours on a light ground, by name."""
    rules = CSS.read_text().partition("@media")[0]
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", rules))


@contextmanager
def _figure(drawing: Drawing, colours: Mapping[str, str]) -> Iterator[Figure]:
    """The painted figure, in our style, with the theme's names standing for `colours`."""
    import matplotlib  # late: it takes half a second, and most verbs draw nothing
    from matplotlib.colors import get_named_colors_mapping
    from matplotlib.figure import Figure

    names = get_named_colors_mapping()
    for name in THEME.values():
        names[f"scones:{name}"] = colours[
            name
        ]  # one by one: update() would leave looked up colours as they were
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # not the user's own style
        matplotlib.rcParams.update(STYLE)
        figure = Figure(figsize=(WIDTH, drawing.height), layout="constrained")
        drawing.paint(figure)
        yield figure


def percents(axes: Axes, axis: str) -> None:
    """Write the shares on an axis, "x" or "y", in percent."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    chosen = {"x": axes.xaxis, "y": axes.yaxis}[axis]
    chosen.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    chosen.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.4g} %"))


def whole_numbers(axes: Axes, axis: str) -> None:
    """Write whole numbers alone on an axis, "x" or "y"."""
    from matplotlib.ticker import MaxNLocator

    {"x": axes.xaxis, "y": axes.yaxis}[axis].set_major_locator(
        MaxNLocator(5, integer=True, min_n_ticks=1)
    )


def _inline(document: str, name: str, description: str) -> str:
    [box] = re.findall(r'viewBox="([^"]+)"', document)[:1]
    body = document[document.index(">", document.index("<svg")) + 1 :].strip()
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = body.replace("xlink:href", "href")
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", body)
    body = re.sub("|".join(THEME), lambda found: f"var(--{THEME[found[0]]})", body)
    label = html.escape(description)
    return f'<svg class="chart" role="img" aria-label="{label}" viewBox="{box}">\n{body}'
