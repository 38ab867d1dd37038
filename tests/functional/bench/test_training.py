"""`make bench-train`, with schedules of an epoch."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.training import main
from scones import cli

Bench = Callable[..., list[str]]


def test_each_seed_has_a_row_and_each_kind_its_mean(bench: Bench) -> None:
    flags = ("--seeds", "3", "4", "--only", "recipe", "--epochs", "1")
    machine, drawn, *rows = bench(main, "--threads", "1", *flags)
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


def test_a_source_that_does_not_exist_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(tmp_path / "nowhere.tar.gz")
    monkeypatch.setattr(sys, "argv", ["bench.training", "--source", source])
    with pytest.raises(SystemExit) as ended:
        cli.run(main)
    printed = capsys.readouterr().err
    assert ended.value.code == 1
    assert printed.startswith("Error: ")
    assert "Traceback" not in printed
