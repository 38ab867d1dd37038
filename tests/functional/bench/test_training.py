"""`make bench-train`, with schedules of an epoch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from paths import PYTHON


def bench(cache: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(PYTHON), "SCONES_CACHE": str(cache)}
    command = [sys.executable, "-m", "bench.training", "--threads", "1", *flags]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_each_seed_has_a_row_and_each_kind_its_mean(tmp_path: Path) -> None:
    done = bench(tmp_path, "--seeds", "3", "4", "--only", "recipe", "--epochs", "1")
    assert done.returncode == 0, done.stderr
    machine, drawn, *rows = done.stdout.splitlines()
    assert "1 of them used" in machine
    assert "drawn sample" in drawn
    cells = [row.strip("| ").split(" | ") for row in rows]
    assert [(row[0], row[1].split()[0], row[2]) for row in cells[2:]] == [
        ("recipe", "3", "1"),
        ("recipe", "4", "1"),
        ("recipe", "mean", "1"),
    ]
    seeds, mean = [float(row[3]) for row in cells[2:4]], float(cells[4][3])
    assert abs(sum(seeds) / 2 - mean) < 0.001


def test_a_source_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    done = bench(tmp_path, "--source", str(tmp_path / "nowhere.tar.gz"))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
