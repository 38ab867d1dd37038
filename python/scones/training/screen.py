"""How a training job looks while it runs: steps, log lines, and one line of progress that stands for all the epochs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TextIO

EPOCH = re.compile(r"\bepoch=(\d+)/(\d+)\b")
FIGURE = re.compile(r"\b([a-z_]+)=([-+.0-9e]+)(?=\s|$)")
WIDTH = 30
LINES_OF_PROGRESS = 10


@dataclass(frozen=True)
class Epoch:
    """One line of the training script, such as `epoch=12/100 train_loss=0.31 validation_accuracy=0.92 seconds=1.4`."""

    number: int
    total: int
    figures: dict[str, str]

    @classmethod
    def parse(cls, line: str) -> Epoch | None:
        """None for a line that reports no epoch."""
        found = EPOCH.search(line)
        if not found or int(found[2]) == 0:
            return None
        return cls(int(found[1]), int(found[2]), dict(FIGURE.findall(line[found.end() :])))

    def __str__(self) -> str:
        figures = {name: value for name, value in self.figures.items() if name != "seconds"}
        parts = [
            f"epoch {self.number}/{self.total}",
            *(f"{name.replace('_', ' ')} {value}" for name, value in figures.items()),
        ]
        if seconds := self.figures.get("seconds"):
            parts.append(f"{(self.total - self.number) * float(seconds):.0f} s left")
        return ", ".join(parts)

    @property
    def bar(self) -> str:
        filled = min(WIDTH, WIDTH * self.number // self.total)
        return f"[{'#' * filled}{'.' * (WIDTH - filled)}]"

    @property
    def is_milestone(self) -> bool:
        """Whether this epoch is one of the few that are shown where nothing can be redrawn."""
        stride = max(1, self.total // LINES_OF_PROGRESS)
        return self.number in (1, self.total) or self.number % stride == 0


class Screen:
    """Writes to `out`: epochs are redrawn in place on a terminal, and every tenth or so is a line elsewhere."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._drawn = False

    def step(self, status: str, message: str) -> None:
        """A step of the job, such as Downloading, and what SageMaker says about it."""
        self._print(f"{status}: {message}" if message and message != status else status)

    def log(self, line: str) -> None:
        """A line that the job wrote."""
        epoch = Epoch.parse(line)
        if epoch is None:
            self._print(f"  {line}")
        elif self._live:
            self._out.write(f"\r\x1b[2K  {epoch.bar} {epoch}")
            self._out.flush()
            self._drawn = True
        elif epoch.is_milestone:
            self._print(f"  {epoch}")

    def close(self) -> None:
        """Leave the progress line as it stands; whatever comes next begins a new one."""
        if self._drawn:
            self._out.write("\n")
            self._out.flush()
            self._drawn = False

    def _print(self, text: str) -> None:
        self.close()
        self._out.write(f"{text}\n")
        self._out.flush()
