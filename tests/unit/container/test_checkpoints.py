"""Checkpoints outlive interruptions, their own included."""

from __future__ import annotations

from pathlib import Path

import torch

from container.checkpoints import Checkpoints


def saved(folder: Path, *epochs: int) -> Checkpoints:
    checkpoints = Checkpoints(folder, run="this run")
    for epoch in epochs:
        checkpoints.save(epoch, {"weights": torch.full((1000,), float(epoch))})
    return checkpoints


def test_a_folder_without_checkpoints_has_no_newest_one(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path, run="this run").newest() is None


def test_the_newest_checkpoint_is_returned(tmp_path: Path) -> None:
    state = saved(tmp_path, 90, 100).newest()
    assert state is not None
    assert state["epoch"] == 100
    assert state["weights"][0] == 100


def test_only_the_newest_two_stay(tmp_path: Path) -> None:
    saved(tmp_path, 10, 20, 30)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["epoch-00020.pt", "epoch-00030.pt"]


def test_a_truncated_checkpoint_is_skipped_for_the_one_before(tmp_path: Path) -> None:
    checkpoints = saved(tmp_path, 10, 20)
    newest = tmp_path / "epoch-00020.pt"
    for length in (0, 100, newest.stat().st_size // 2):
        newest.write_bytes(newest.read_bytes()[:length])
        state = checkpoints.newest()
        assert state is not None
        assert state["epoch"] == 10


def test_a_file_with_other_content_is_skipped(tmp_path: Path) -> None:
    checkpoints = saved(tmp_path, 10)
    torch.save([1, 2, 3], tmp_path / "epoch-00020.pt")
    state = checkpoints.newest()
    assert state is not None
    assert state["epoch"] == 10


def test_a_half_written_checkpoint_is_ignored(tmp_path: Path) -> None:
    checkpoints = saved(tmp_path, 10)
    (tmp_path / "epoch-00020.partial").write_bytes(b"half")
    state = checkpoints.newest()
    assert state is not None
    assert state["epoch"] == 10


def test_a_checkpoint_of_another_run_is_ignored(tmp_path: Path) -> None:
    saved(tmp_path, 10)
    assert Checkpoints(tmp_path, run="other data or settings").newest() is None
