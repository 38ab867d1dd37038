"""Checkpoints of a run, in a folder that SageMaker copies to S3 and back after an interruption."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

KEPT = 2


@dataclass(frozen=True)
class Checkpoints:
    """`run` names data and settings: a checkpoint of another run is left alone."""

    folder: Path
    run: str

    def save(self, epoch: int, state: dict[str, Any]) -> None:
        """Write `state` as the checkpoint after `epoch` epochs: whole or not at all. The newest two stay."""
        file = self.folder / f"epoch-{epoch:05}.pt"
        partial = file.with_suffix(".partial")
        torch.save({"run": self.run, "epoch": epoch, **state}, partial)
        partial.replace(file)
        for old in self._files()[KEPT:]:
            old.unlink()

    def newest(self) -> dict[str, Any] | None:
        """The state of the newest checkpoint of this run that loads, with its `epoch`; None without one."""
        for file in self._files():
            try:
                state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
            except (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError) as error:
                print(f"{file.name} is damaged and passed over: {error}", flush=True)
                continue
            if isinstance(state, dict) and state.get("run") == self.run:
                print(f"Taken up from {file.name}.", flush=True)
                return state
        return None

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("epoch-*.pt"), reverse=True)
