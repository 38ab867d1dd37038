"""The parts of a page: values here, their markup in parts.html, their style in theme.css."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scones.pages.charts import Drawing

TEMPLATES = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Tile:
    """A headline figure."""

    name: str
    value: str
    remark: str = ""


@dataclass(frozen=True)
class Notice:
    """A highlighted message; its tone is "good", "warn", "bad" or "plain"."""

    tone: str
    title: str
    sentences: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Rows as long as the header; the first cell names the row.

    `numeric` aligns the other cells as numbers.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: bool = True


@dataclass(frozen=True)
class Cell:
    """A count in a grid; `share`, 0 to 1, is the strength of its colour."""

    value: str
    remark: str
    tone: str
    share: float


@dataclass(frozen=True)
class Grid:
    """Counts by row and column; the header names the columns."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Chart:
    """A chart with its caption, and a table of its figures for readers who cannot see it."""

    title: str
    drawing: Drawing
    caption: str
    table: Table | None = None

    @cached_property
    def svg(self) -> str:
        return self.drawing.svg()


@dataclass(frozen=True)
class GalleryImage:
    """A small image with a title, lines of text, and a tone as a notice's.

    `source` is a data URL, empty if the image cannot be shown; `side` is its longer side in pixels.
    """

    source: str
    description: str
    title: str
    lines: tuple[str, ...]
    tone: str
    side: int = 0


def render(template: str, **values: object) -> str:
    """Render a template, named by its path inside this package; every value is escaped."""
    import jinja2  # late: verbs without a page start without it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(**values)
