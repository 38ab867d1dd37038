"""Tables at the widths of real terminals."""

from __future__ import annotations

import pytest

from scones.tables import Column, format_table

COLUMNS = (
    Column("model"),
    Column("images", rank=1, numbers=True),
    Column("created", rank=2),
    Column("reason", rank=1, shortens=True),
)
MODEL = "scones-local-0a1b2c3d-20261121-101500-0123abcd"
ROWS = [
    (MODEL, "460", "2026-11-21 10:15", "It is better than the live model by 0.034, " * 3),
    ("other", "12,000", "2026-11-20 09:00", "None."),
]


def test_a_pipe_gets_every_cell_whole() -> None:
    heading, first, other = format_table(COLUMNS, ROWS, None).splitlines()
    assert heading.split() == ["model", "images", "created", "reason"]
    assert first.endswith(ROWS[0][3].rstrip())
    assert other.split() == ["other", "12,000", "2026-11-20", "09:00", "None."]
    assert first.index("460") == other.index("12,000") + 3, "numbers end in one column"


@pytest.mark.parametrize(
    ("width", "headings", "missing"),
    [
        (140, "model images created reason", ""),
        (100, "model images created reason", ""),
        (80, "model images reason", "created"),
        (60, "model images", "created, reason"),
        (50, "model", "images, created, reason"),
    ],
)
def test_a_terminal_gets_the_most_important_columns_that_fit(
    width: int, headings: str, missing: str
) -> None:
    lines = format_table(COLUMNS, ROWS, width).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0].split() == headings.split()
    assert lines[3:] == ([f"(no space for: {missing})"] if missing else [])
    assert MODEL in lines[1]
    assert ("…" in lines[1]) == ("reason" in headings)


def test_what_is_pasted_stays_whole_even_where_it_does_not_fit() -> None:
    assert MODEL in format_table(COLUMNS, ROWS, 30).splitlines()[1]


def test_a_table_without_rows_is_its_headings() -> None:
    assert format_table(COLUMNS[:2], [], 80) == "model  images"


def test_cells_are_plain_text() -> None:
    text = format_table([Column("a")], [["[bold]x[/bold] :smile:"]], 80)
    assert text.splitlines()[1] == "[bold]x[/bold] :smile:"
