"""Ways in which a model archive cannot be loaded, each with a part of the reason in the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch


def truncate(folder: Path) -> None:
    weights = folder / "model.pt"
    weights.write_bytes(weights.read_bytes()[:-2000])


def change_architecture(folder: Path) -> None:
    weights = folder / "model.pt"
    saved = torch.load(weights, weights_only=True)
    saved["architecture"]["widths"] = [8, 8, 8]
    torch.save(saved, weights)


def remove_code(folder: Path) -> None:
    (folder / "code" / "container" / "serving" / "network.py").unlink()


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "truncated weights": (truncate, "failed finding central directory"),
    "another architecture": (change_architecture, "Error(s) in loading state_dict for Network"),
    "missing code": (remove_code, "No module named 'container.serving.network'"),
}
