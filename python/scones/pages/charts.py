"""Charts in the colours of the page's theme: as inline SVG and as PNG files.

An inline SVG follows the page's light or dark theme; a PNG file has the light colours.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Charts name their colours as the theme does. matplotlib draws an SVG in placeholder colours,
# which are then replaced with the theme's CSS variables.
COLOUR_NAMES = (
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
)
PLACEHOLDERS = {"#" + 3 * f"{number:02x}": name for number, name in enumerate(COLOUR_NAMES, 1)}
(INK, MUTED, LINE, ACCENT, SECOND, SURFACE, THIRD, FOURTH, FIFTH, GOOD, WARN, BAD) = (
    f"scones:{name}" for name in COLOUR_NAMES
)
CSS = Path(__file__).with_name("theme.css")

RESOLUTION = 220  # dots per inch of a PNG file
WIDTH = 4.6  # inches; narrow, so that letters stay readable on a phone
STYLE = Path(__file__).with_name("charts.mplstyle")


@dataclass(frozen=True)
class Drawing:
    """A chart that `paint` draws on an empty figure of `height` inches.

    `name` makes the ids of its SVG unique on a page; `description` is its text for screen readers.
    """

    name: str
    description: str
    height: float
    paint: Callable[[Figure], None]

    def svg(self) -> str:
        """An `<svg>` element to embed in a page."""
        file = io.StringIO()
        colours = {name: placeholder for placeholder, name in PLACEHOLDERS.items()}
        with _painted_figure(self, colours) as figure:
            no_metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            figure.savefig(
                file,
                format="svg",
                metadata=no_metadata,
            )
        return _inline_svg(
            file.getvalue(),
            self.name,
            self.description,
        )

    def png(self) -> bytes:
        """A PNG file on a white background."""
        file = io.BytesIO()
        with _painted_figure(self, light_colours()) as figure:
            figure.savefig(
                file,
                format="png",
                dpi=RESOLUTION,
                facecolor="white",
                metadata={"Title": self.description},
            )
        return file.getvalue()


def light_colours() -> Mapping[str, str]:
    """The colours of the light theme by name."""
    light_rules = CSS.read_text().partition("@media")[0]
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", light_rules))


@contextmanager
def _painted_figure(drawing: Drawing, colours: Mapping[str, str]) -> Iterator[Figure]:
    """The painted figure in the page's style, with `colours` by the theme's names."""
    import matplotlib  # late: it takes half a second, and most verbs draw nothing
    from matplotlib.colors import get_named_colors_mapping
    from matplotlib.figure import Figure

    named_colours = get_named_colors_mapping()
    for name in COLOUR_NAMES:
        # One by one: update() would not clear matplotlib's cache of resolved colours.
        named_colours[f"scones:{name}"] = colours[name]
    # Replaces the user's own style; the time zone cannot be set by a style file.
    with matplotlib.rc_context({"timezone": "UTC"}, fname=STYLE):
        figure = Figure(figsize=(WIDTH, drawing.height), layout="constrained")
        drawing.paint(figure)
        # Saving would lay it out twice: once on a first, invisible drawing.
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        yield figure


def percent_axis(axes: Axes, axis: str) -> None:
    """Label the shares on an axis, "x" or "y", in percent."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    chosen_axis = {
        "x": axes.xaxis,
        "y": axes.yaxis,
    }[axis]
    chosen_axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    chosen_axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.4g} %"))


def number_axis(axes: Axes, axis: str) -> None:
    """Write the numbers on an axis, "x" or "y", as the page does: with a comma for thousands."""
    from matplotlib.ticker import FuncFormatter

    chosen_axis = {
        "x": axes.xaxis,
        "y": axes.yaxis,
    }[axis]
    chosen_axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.10g}"))


def whole_number_axis(axes: Axes, axis: str) -> None:
    """Label only whole numbers on an axis, "x" or "y"."""
    from matplotlib.ticker import MaxNLocator

    chosen_axis = {
        "x": axes.xaxis,
        "y": axes.yaxis,
    }[axis]
    chosen_axis.set_major_locator(
        MaxNLocator(
            5,
            integer=True,
            min_n_ticks=1,
        )
    )
    number_axis(axes, axis)


def _inline_svg(document: str, name: str, description: str) -> str:
    """The `<svg>` of a document without metadata, its ids prefixed with `name`."""
    [box] = re.findall(r'viewBox="([^"]+)"', document)[:1]
    body = document[document.index(">", document.index("<svg")) + 1 :].strip()
    body = re.sub(
        r"<metadata>.*?</metadata>\s*",
        "",
        body,
        flags=re.DOTALL,
    )
    body = body.replace("xlink:href", "href")
    body = re.sub(
        r'(\bid="|href="#|url\(#)',
        rf"\g<1>{name}-",
        body,
    )
    for placeholder, colour in PLACEHOLDERS.items():
        body = body.replace(placeholder, f"var(--{colour})")
    label = html.escape(description)
    return f'<svg class="chart" role="img" aria-label="{label}" viewBox="{box}">\n{body}'
