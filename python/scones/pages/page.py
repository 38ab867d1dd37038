"""A page and the parts it is put together from: values here, their markup in parts.html, their look in theme.css."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scones.pages.charts import Drawing

TEMPLATES = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Tile:
    """One figure to see from afar."""

    name: str
    value: str
    remark: str = ""


@dataclass(frozen=True)
class Notice:
    """What nobody may overlook; its tone is "good", "warn", "bad" or "plain"."""

    tone: str
    title: str
    sentences: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Each row as long as the header; the first cell names the row, and the others are aligned as numbers or words."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: bool = True


@dataclass(frozen=True)
class Cell:
    """A count in a grid; `share`, 0 to 1, is how strong its tone is."""

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
    """A chart, what it shows in words, and its figures for who cannot see it."""

    title: str
    drawing: Drawing
    caption: str
    table: Table | None = None

    @cached_property
    def svg(self) -> str:
        return self.drawing.svg()


@dataclass(frozen=True)
class Picture:
    """A small picture and what is said about it: a title, lines in words, and a tone as a notice's.

    `source` is a data URL; empty where the picture cannot be shown. `side` is its longer side in pixels.
    """

    source: str
    description: str
    title: str
    lines: tuple[str, ...]
    tone: str
    side: int = 0


def render(template: str, **values: object) -> str:
    """The page of a template, named by its path inside this package; every value is escaped, the same values give the
    same page."""
    from jinja2 import (  # late: verbs without a page start without it
        Environment,
        FileSystemLoader,
        StrictUndefined,
    )

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(**values)
