"""How a running training job is shown: steps, log lines, and one row of progress for all epochs."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from scones.cli import say
from scones.progress import Progress
from scones.training.pace import Pace

EPOCH = re.compile(r"(?:\b(?P<stage>[a-z]+): )?\bepoch=(?P<number>\d+)/(?P<total>\d+)\b")
FIGURE = re.compile(r"\b([a-z_]+)=([-+.0-9e]+)(?=\s|$)")
STAGE = "training"
LOG_LINES = 10  # where nothing can be redrawn


@dataclass(frozen=True)
class Epoch:
    """A line of the training script, such as `epoch=12/100 train_loss=0.31 seconds=1.4`."""

    stage: str
    number: int
    total: int
    figures: dict[str, str]

    @classmethod
    def parse(cls, line: str) -> Epoch | None:
        """None for a line that reports no epoch."""
        match = EPOCH.search(line)
        if not match or not int(match["total"]):
            return None
        figures = dict(FIGURE.findall(line, match.end()))
        stage = match["stage"] or STAGE
        return cls(stage, int(match["number"]), int(match["total"]), figures)

    @property
    def seconds(self) -> float:
        return float(self.figures.get("seconds", 0))

    def measures(self) -> list[str]:
        """The figures in words, such as "train loss 0.31"."""
        return [
            f"{name.replace('_', ' ')} {value}"
            for name, value in self.figures.items()
            if name != "seconds"
        ]


class Epochs(Progress):
    """The row of one stage's epochs, with the time that is left."""

    def __init__(self, epoch: Epoch) -> None:
        super().__init__(epoch.stage.capitalize(), epoch.total, "epochs")
        self._pace = Pace(epoch.total)

    def show(self, epoch: Epoch, at: float) -> None:
        """Show an epoch that was logged `at` seconds after 1970."""
        self._pace.add(epoch.number, at, epoch.seconds, time.monotonic())
        self.figures = epoch.measures()
        self.add(epoch.number - self.done)

    def time(self) -> str:
        if self.done == self.total:
            return ""
        return self._pace.text(time.monotonic())

    def _log_when_due(self) -> None:
        """Print the first epoch, every tenth of all, and at the end the last one."""
        stride = max(1, (self.total or 0) // LOG_LINES)
        if self.done == 1 or (self.done % stride == 0 and self.done != self.total):
            self._log(self.done)


class Screen:
    """Shows a job on stderr."""

    def __init__(self) -> None:
        self._epochs: Epochs | None = None

    def step(self, status: str, message: str) -> None:
        """Show a step of the job, such as Downloading, with SageMaker's message about it."""
        self.close()
        say(f"{status}: {message}" if message and message != status else status)

    def log(self, line: str, at: float) -> None:
        """Show a line of the job's log, written `at` seconds after 1970."""
        epoch = Epoch.parse(line)
        if epoch is None:
            say(f"  {line}")
            return
        if self._epochs is None or self._is_another_stage(epoch):
            self.close()
            self._epochs = Epochs(epoch)
            self._epochs.open()
        self._epochs.show(epoch, at)
        if epoch.number == epoch.total:
            self.close()

    def close(self) -> None:
        """End the row of progress, so that what follows begins a new line."""
        if self._epochs:
            self._epochs.close()
            self._epochs = None

    def _is_another_stage(self, epoch: Epoch) -> bool:
        """Whether it belongs to a later stage, or to a job that was started again."""
        row = self._epochs
        return row is not None and (
            row.title != epoch.stage.capitalize()
            or row.total != epoch.total
            or row.done > epoch.number
        )
