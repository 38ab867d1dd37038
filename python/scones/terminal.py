"""What a stream is written to: a terminal of some width, or a pipe that takes plain lines."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Callable
from typing import TextIO

FALLBACK_WIDTH = 80
# A quoted command is pasted as a whole, so it stays on one line: "make train RETRAIN=1".
COMMAND = re.compile(r'"make [^"\n]{1,50}"')
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

# Rows that are being redrawn at the bottom of the terminal: each prints a text above itself.
printers: list[Callable[[str], None]] = []


def is_live(stream: TextIO) -> bool:
    """Whether a line can be redrawn in place: on a terminal that moves its cursor."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


def width(stream: TextIO) -> int | None:
    """Columns of the terminal that `stream` is; None for a file or a pipe, which take any width."""
    if not stream.isatty():
        return None
    wished = os.environ.get("COLUMNS", "")
    if wished.isdecimal() and int(wished):
        return int(wished)
    try:
        return os.get_terminal_size(stream.fileno()).columns or FALLBACK_WIDTH
    except OSError:
        return FALLBACK_WIDTH


def print_remark(text: str) -> None:
    """Print a text to stderr, above the rows that are being redrawn there."""
    if printers:
        printers[-1](text)
    else:
        print(text, file=sys.stderr, flush=True)


def wrap(text: str, columns: int | None) -> str:
    """Break lines between words at `columns`; what follows keeps the indentation of its line.

    A word that is longer, such as an ARN or a path, stays whole: it can be pasted.
    """
    if columns is None:
        return text
    return "\n".join(_wrap_line(line, columns) for line in text.split("\n"))


def _wrap_line(line: str, columns: int) -> str:
    if len(line) <= columns:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    kept = COMMAND.sub(lambda match: match[0].replace(" ", NO_BREAK_SPACE), line)
    wrapped = textwrap.fill(
        kept,
        columns,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    return wrapped.replace(NO_BREAK_SPACE, " ")
