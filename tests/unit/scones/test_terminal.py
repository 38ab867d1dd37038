"""Sentences wrapped to a terminal, and left alone in a pipe."""

from __future__ import annotations

import io

import pytest

from scones import terminal

ARN = "arn:aws:states:us-east-1:123456789012:execution:scones-local-classify:0a1b2c3d"


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_has_no_width_and_keeps_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert terminal.width(io.StringIO()) is None
    assert terminal.wrap("word " * 100, None) == "word " * 100


def test_a_terminal_that_does_not_report_its_width_gets_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert terminal.width(FakeTerminal()) == 80
    monkeypatch.setenv("COLUMNS", "123")
    assert terminal.width(FakeTerminal()) == 123


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_lines_break_between_words_and_keep_their_indentation(columns: int) -> None:
    lines = terminal.wrap(f"Short.\n  {'word ' * 50}", columns).splitlines()
    assert lines[0] == "Short."
    assert all(line.startswith("  word") for line in lines[1:])
    assert columns - 10 < max(map(len, lines)) <= columns


def test_what_is_pasted_stays_on_one_line() -> None:
    text = f'Nothing changed since job scones-local. "make train RETRAIN=1" trains again. {ARN}'
    lines = terminal.wrap(text, 50).splitlines()
    assert any('"make train RETRAIN=1"' in line for line in lines)
    assert ARN in lines


def test_columns_of_a_line_that_fits_stay_where_they_are() -> None:
    assert terminal.wrap("a    b", 6) == "a    b"


@pytest.mark.parametrize(("term", "live"), [("xterm-256color", True), ("dumb", False), ("", False)])
def test_only_a_terminal_that_moves_its_cursor_is_redrawn(
    term: str, live: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    assert terminal.is_live(FakeTerminal()) is live
    assert not terminal.is_live(io.StringIO())
