"""Tables that fit the terminal: where it is narrow, columns are left out and named below."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from scones import terminal

GAP = 2
# A cell that may be shortened keeps at least this much.
LEAST_SHORTENED = 20


@dataclass(frozen=True)
class Column:
    """A heading, and what happens to the column where space is short.

    Attributes:
        rank: the columns of the highest rank are left out first; rank 0 never is.
        numbers: aligned to the right.
        shortens: long cells end in an ellipsis. Others, such as names to paste, stay whole.
    """

    heading: str
    rank: int = 0
    numbers: bool = False
    shortens: bool = False


def format_table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None
) -> str:
    """Return the rows under their headings, in at most `width` characters a line if possible.

    None is a file or a pipe, where nothing is left out or shortened.
    """
    cells = [[column.heading for column in columns], *map(list, rows)]
    kept = list(range(len(columns)))
    while width is not None and _least_width(columns, cells, kept) > width:
        droppable = [index for index in kept if columns[index].rank]
        if not droppable:
            break
        kept.remove(max(droppable, key=lambda index: (columns[index].rank, index)))
    space = _natural_width(cells, kept)
    if width is not None:
        space = min(space, max(width, _least_width(columns, cells, kept)))
    text = _render(columns, cells, kept, space)
    left_out = [column.heading for index, column in enumerate(columns) if index not in kept]
    if left_out:
        note = f"(no space for: {', '.join(left_out)})"
        text += f"\n{terminal.wrap(note, width)}"
    return text


def _cell_width(cells: Sequence[Sequence[str]], index: int) -> int:
    return max(len(row[index]) for row in cells)


def _natural_width(cells: Sequence[Sequence[str]], kept: Sequence[int]) -> int:
    return sum(_cell_width(cells, index) for index in kept) + GAP * (len(kept) - 1)


def _least_width(
    columns: Sequence[Column], cells: Sequence[Sequence[str]], kept: Sequence[int]
) -> int:
    widths = []
    for index in kept:
        natural = _cell_width(cells, index)
        least = min(natural, LEAST_SHORTENED) if columns[index].shortens else natural
        widths.append(least)
    return sum(widths) + GAP * (len(kept) - 1)


def _render(
    columns: Sequence[Column],
    cells: Sequence[Sequence[str]],
    kept: Sequence[int],
    width: int,
) -> str:
    # Imported here: rich takes a tenth of a second, and most verbs print no table.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shortens = any(columns[index].shortens for index in kept)
    table = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False, expand=shortens)
    for index in kept:
        column = columns[index]
        natural = _cell_width(cells, index)
        table.add_column(
            justify="right" if column.numbers else "left",
            no_wrap=True,
            overflow="ellipsis",
            min_width=None if column.shortens else natural,
            ratio=natural if column.shortens else None,
        )
    for row in cells:
        table.add_row(*(Text(row[index]) for index in kept))
    out = io.StringIO()
    console = Console(file=out, width=max(width, 1), color_system=None)
    console.print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())
