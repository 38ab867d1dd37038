"""`make bench-drift`, with a training of an epoch and few windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.drift import main

Bench = Callable[..., list[str]]


def test_false_alarms_and_detection_are_tables_and_the_model_is_reused(
    tmp_path: Path, bench: Bench
) -> None:
    flags = ("--epochs", "1", "--windows", "4", "--out", str(tmp_path / "job"))
    drawn, sizes, _, *rows = bench(main, *flags, "--drifts", "none", "dark")
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
    bench(main, *flags, "--drifts", "none")
    assert (tmp_path / "job" / "model" / "model.pt").stat().st_mtime_ns == weights
