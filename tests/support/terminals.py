"""A terminal of a given size: runs a command in it, and keeps the screen as a user sees it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# Cursor and erase sequences, colours, and modes such as the cursor's visibility.
SEQUENCE = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])")


@dataclass
class Terminal:
    """The lines that a terminal shows, however far it has scrolled.

    Attributes:
        wrapped: lines that the terminal itself had to break, since they were too long.
        erased: lines that were shown, and erased to be drawn again.
        colours: whether any was set.
    """

    columns: int
    lines: list[str] = field(default_factory=lambda: [""])
    wrapped: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    colours: bool = False
    cursor_hidden: bool = False
    _row: int = 0
    _column: int = 0

    def feed(self, text: str) -> None:
        position = 0
        while position < len(text):
            match = SEQUENCE.match(text, position)
            if match:
                self._control(match[1], match[2])
                position = match.end()
            else:
                self._put(text[position])
                position += 1

    def _put(self, character: str) -> None:
        match character:
            case "\n":
                self._row += 1
                self._column = 0
                if self._row == len(self.lines):
                    self.lines.append("")
            case "\r":
                self._column = 0
            case _:
                assert character >= " ", f"unknown control character {character!r}"
                if self._column == self.columns:
                    self.wrapped.append(self.lines[self._row])
                    self._put("\n")
                line = self.lines[self._row].ljust(self._column)
                self.lines[self._row] = line[: self._column] + character + line[self._column + 1 :]
                self._column += 1

    def _control(self, parameter: str, final: str) -> None:
        match final:
            case "A":
                self._row -= int(parameter or 1)
            case "K":
                assert parameter == "2"
                self.erased.append(self.lines[self._row])
                self.lines[self._row] = ""
            case "m":
                self.colours = self.colours or parameter not in ("", "0")
            case "h" | "l" if parameter == "?25":
                self.cursor_hidden = final == "l"
            case _:
                raise AssertionError(f"unknown sequence {parameter}{final}")

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n") + "\n"


def run_in_terminal(
    command: Sequence[str],
    columns: int,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    keep: Path | None = None,
) -> tuple[int, Terminal]:
    """Run a command whose stdin, stdout and stderr are a terminal; return its status and screen.

    `keep` is a file for all that was printed, as it came.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=folder,
        env={**(os.environ if environment is None else environment), "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(slave)
    printed = b""
    while True:
        # What the command starts in the background may keep the terminal open after its end.
        ended = process.poll() is not None
        readable, _, _ = select.select([master], [], [], 0.1)
        if not readable:
            if ended:
                break
            continue
        try:
            printed += os.read(master, 65_536)
        except OSError:  # no process has the terminal any more
            break
        if keep:
            keep.write_bytes(printed)
    os.close(master)
    terminal = Terminal(columns)
    terminal.feed(printed.decode())
    return process.wait(), terminal
