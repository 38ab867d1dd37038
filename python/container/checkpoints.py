"""One run of the training, and its checkpoints.

SageMaker copies their folder to S3, and back after an interruption.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from container.distributed import ALONE, World
from container.json_object import JsonObject
from container.settings import Settings

History = list[dict[str, float]]

NEWEST_FILES = 2  # that stay


@dataclass(frozen=True)
class Checkpoints:
    """`run` names data and settings: checkpoints of other runs are ignored."""

    folder: Path
    run: str

    def save(self, epoch: int, state: JsonObject) -> None:
        """Write `state` as the checkpoint after `epoch` epochs, atomically; delete old ones."""
        file = self.folder / f"epoch-{epoch:05}.pt"
        partial = file.with_suffix(".partial")
        torch.save({"run": self.run, "epoch": epoch, **state}, partial)
        partial.replace(file)
        for old in self._files()[NEWEST_FILES:]:
            old.unlink()

    def newest(self) -> JsonObject | None:
        """The state of the newest readable checkpoint of this run, with its `epoch`, if any."""
        for file in self._files():
            try:
                state: JsonObject = torch.load(file, map_location="cpu", weights_only=True)
            except (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError) as error:
                print(f"Skipped {file.name}, which is damaged: {error}", flush=True)
                continue
            if isinstance(state, dict) and state.get("run") == self.run:
                print(f"Resumed from {file.name}.", flush=True)
                return state
        return None

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("epoch-*.pt"), reverse=True)


@dataclass(frozen=True)
class Run:
    """One fit: its settings, where it resumes from, and the processes that take part.

    `stopping` says whether the job is to stop; `title` begins every line of its log.
    """

    settings: Settings
    checkpoints: Checkpoints
    stopping: Callable[[], bool]
    world: World = ALONE
    title: str = ""
