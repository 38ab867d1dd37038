"""`python -m container.crossval`: every image answered once by a network that never saw it, and no test image."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import torch
from job_folder import lay_out

from container.crossval import deal

PYTHON = Path(__file__).resolve().parents[2] / "python"
COUNTS = {"train": 32, "validation": 12, "test": 12}


def crossval(base: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base), "PYTHONPATH": str(PYTHON), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "container.crossval", *flags]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_table_has_a_row_for_each_seed_and_the_test_images_are_not_needed(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, epochs=6, batch_size=8)
    shutil.rmtree(base / "input" / "data" / "test")
    done = crossval(base, "--folds", "2", "--seeds", "0", "1", "--workers", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    folds = re.findall(r"^seed (\d), fold (\d) of 2: accuracy", done.stdout, re.MULTILINE)
    assert sorted(folds) == [("0", "1"), ("0", "2"), ("1", "1"), ("1", "2")]
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| 6 |")]
    assert [row[1] for row in rows] == ["0", "1"]
    assert all(float(row[3]) > 0.8 for row in rows), "discs and squares are easy to tell apart"


def test_a_wrong_flag_is_one_sentence(tmp_path: Path) -> None:
    done = crossval(lay_out(tmp_path, COUNTS), "--epochs", "0")
    assert done.returncode == 1
    assert "A hyperparameter is wrong: argument --epochs: 0 is not between" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_every_image_is_in_one_fold_and_every_class_in_equal_parts() -> None:
    labels = torch.tensor([0] * 25 + [1] * 10 + [2] * 5)
    folds = deal(labels, 5)
    assert torch.cat(folds).sort().values.tolist() == list(range(40))
    for fold in folds:
        assert labels[fold].bincount().tolist() == [5, 2, 1]
