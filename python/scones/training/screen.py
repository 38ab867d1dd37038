"""How a running training job is shown: steps, log lines, and a line of progress for all epochs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TextIO

EPOCH = re.compile(r"\bepoch=(\d+)/(\d+)\b")
FIGURE = re.compile(r"\b([a-z_]+)=([-+.0-9e]+)(?=\s|$)")
BAR_WIDTH = 30
PROGRESS_LINES = 10  # where nothing can be redrawn


@dataclass(frozen=True)
class Epoch:
    """A line of the training script, such as `epoch=12/100 train_loss=0.31 seconds=1.4`."""

    number: int
    total: int
    figures: dict[str, str]

    @classmethod
    def parse(cls, line: str) -> Epoch | None:
        """None for a line that reports no epoch."""
        match = EPOCH.search(line)
        if not match:
            return None
        number, total = int(match[1]), int(match[2])
        if total == 0:
            return None
        return cls(number, total, dict(FIGURE.findall(line, match.end())))

    def __str__(self) -> str:
        parts = [f"epoch {self.number}/{self.total}"]
        for name, value in self.figures.items():
            if name != "seconds":
                parts.append(f"{name.replace('_', ' ')} {value}")
        if "seconds" in self.figures:
            seconds_left = (self.total - self.number) * float(self.figures["seconds"])
            parts.append(f"{seconds_left:.0f} s left")
        return ", ".join(parts)

    @property
    def bar(self) -> str:
        filled = min(BAR_WIDTH, BAR_WIDTH * self.number // self.total)
        return f"[{'#' * filled:.<{BAR_WIDTH}}]"

    @property
    def is_milestone(self) -> bool:
        """Whether this epoch is one of the few that are shown where nothing can be redrawn."""
        stride = max(1, self.total // PROGRESS_LINES)
        return self.number in (1, self.total) or self.number % stride == 0


class Screen:
    """Writes to `out`: on a terminal, epochs are redrawn in place; elsewhere, some are lines."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._is_terminal = out.isatty()
        self._line_open = False

    def step(self, status: str, message: str) -> None:
        """Show a step of the job, such as Downloading, with SageMaker's message about it."""
        if message and message != status:
            self._print(f"{status}: {message}")
        else:
            self._print(status)

    def log(self, line: str) -> None:
        """Show a line of the job's log."""
        epoch = Epoch.parse(line)
        if epoch is None:
            self._print(f"  {line}")
        elif self._is_terminal:
            self._write(f"\r\x1b[2K  {epoch.bar} {epoch}")
            self._line_open = True
        elif epoch.is_milestone:
            self._print(f"  {epoch}")

    def close(self) -> None:
        """End the line of progress, so that what follows begins a new one."""
        if self._line_open:
            self._write("\n")
            self._line_open = False

    def _print(self, text: str) -> None:
        self.close()
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
