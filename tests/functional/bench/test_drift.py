"""`make bench-drift`, with a training of an epoch and few windows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from paths import PYTHON


def bench(out: Path, *flags: str) -> list[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(PYTHON),
        "SCONES_CACHE": str(out),
        "OMP_NUM_THREADS": "1",
    }
    command = [
        sys.executable,
        "-m",
        "bench.drift",
        "--epochs",
        "1",
        "--windows",
        "4",
        "--out",
        str(out / "job"),
        *flags,
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_false_alarms_and_detection_are_tables_and_the_model_is_kept(tmp_path: Path) -> None:
    drawn, sizes, _, *rows = bench(tmp_path, "--drifts", "none", "dark")
    assert "drawn sample" in drawn
    assert sizes == "36 images in the baseline, 100 test images."
    cells = [row.strip("| ").split(" | ") for row in rows]
    assert [row[:3] for row in cells[2:5]] == [
        ["as it is", "50", "4"],
        ["divided again", "50", "4"],
        ["divided again", "100", "4"],
    ]
    detected = {(row[0], row[1], row[2]): row[4].split()[0] for row in cells[8:]}
    assert detected["none", "0", "200"] == "0"
    assert detected["dark", "0.7", "200"] == "1"
    weights = (tmp_path / "job" / "model" / "model.pt").stat().st_mtime_ns
    bench(tmp_path, "--drifts", "none")
    assert (tmp_path / "job" / "model" / "model.pt").stat().st_mtime_ns == weights
