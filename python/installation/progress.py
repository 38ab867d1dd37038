"""What an installation shows: one line in place on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
import time
from dataclasses import dataclass, field

PERIOD = 0.2  # seconds between two updates of the line
CLEAR = "\r\x1b[2K"


@dataclass
class Installation:
    """How far uv has come, by the lines that it prints."""

    phase: str = "Finding the packages"
    count: str = ""
    downloading: dict[str, str] = field(default_factory=dict)

    def read(self, line: str) -> str | None:
        """Take one line of uv's; return a sentence if it is worth one outside of a terminal."""
        if match := re.match(r"Resolved (\d+) packages?", line):
            self.count = match[1]
            self.phase = "Downloading the packages"
        elif match := re.match(r"\s*Downloading (\S+) \((.+)\)", line):
            self.downloading[match[1]] = match[2]
            return f"Downloading {match[1]} ({match[2]})"
        elif match := re.match(r"\s*Downloaded (\S+)", line):
            self.downloading.pop(match[1], None)
        elif re.match(r"(Prepared|Uninstalled) ", line):
            self.phase = f"Writing {self.count} packages"
            self.downloading.clear()
        return None

    def __str__(self) -> str:
        downloads = [f"{name} ({size})" for name, size in self.downloading.items()]
        return ": ".join(filter(None, (self.phase, ", ".join(downloads))))


class Line:
    """A line on stderr that is redrawn in place, with the seconds since the start."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._started = time.monotonic()
        self._shown = 0.0

    @property
    def seconds(self) -> int:
        return round(time.monotonic() - self._started)

    def show(self, text: str) -> None:
        now = time.monotonic()
        if not self.live or now - self._shown < PERIOD:
            return
        self._shown = now
        width = shutil.get_terminal_size().columns - 1
        print(CLEAR + f"{self.seconds} s  {text}"[:width], end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.live:
            print(CLEAR, end="", file=sys.stderr, flush=True)


def say(text: str) -> None:
    """Print sentences to stderr; on a terminal, no word is cut at its edge."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        lines = [textwrap.wrap(line, width, break_on_hyphens=False) for line in text.splitlines()]
        text = "\n".join("\n".join(line) for line in lines)
    print(text, file=sys.stderr, flush=True)
