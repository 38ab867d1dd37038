"""`python -m container.crossval`: each image is answered by a network that has not seen it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

import forked
import pytest
import torch
from eventually import eventually
from job_folder import lay_out
from paths import PYTHON

import container.crossval
from container.crossval import deal, main
from container.errors import TrainingError
from container.job import Job

COUNTS = {"train": 32, "validation": 12, "test": 12}


Crossval = Callable[..., list[str]]


@pytest.fixture
def crossval(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Crossval:
    """Cross-validate in this process and return the printed lines; its workers are processes.

    They are forked, since each new interpreter takes three seconds to import torch; `start` is
    "spawn" for workers as the command starts them.
    """
    forked.import_optimizer()

    def run(base: Path, *flags: str, start: str = "fork") -> list[str]:
        monkeypatch.setattr(container.crossval, "get_context", lambda _: get_context(start))
        main(Job(base), flags)
        return capsys.readouterr().out.splitlines()

    return run


def test_the_table_has_a_row_for_each_seed_and_the_test_images_are_not_needed(
    tmp_path: Path, crossval: Crossval
) -> None:
    base = lay_out(tmp_path, COUNTS, epochs=6, batch_size=8)
    shutil.rmtree(base / "input" / "data" / "test")
    lines = crossval(base, "--folds", "2", "--seeds", "0", "1", "--workers", "2")
    folds = re.findall(r"^seed (\d), fold (\d) of 2: accuracy", "\n".join(lines), re.MULTILINE)
    assert sorted(folds) == [("0", "1"), ("0", "2"), ("1", "1"), ("1", "2")]
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| 6 |")]
    assert [row[1] for row in rows] == ["0", "1"]
    assert all(float(row[3]) > 0.8 for row in rows), "discs and squares are easy to distinguish"


def test_saved_folds_are_not_run_again(tmp_path: Path, crossval: Crossval) -> None:
    base = lay_out(tmp_path / "job", COUNTS, epochs=1, batch_size=8)
    out = tmp_path / "out"
    crossval(base, "--folds", "3", "--only", "1", "3", "--out", str(out))
    assert len(list(out.iterdir())) == 2
    whole = crossval(base, "--folds", "3", "--out", str(out))
    lines = [line for line in whole if line.startswith("seed 0, fold")]
    assert [line[13] for line in lines if line.endswith("from an earlier run")] == ["1", "3"]
    assert [line[13] for line in lines if not line.endswith("from an earlier run")] == ["2"]
    flags = ("--folds", "3", "--only", "1", "3", "--epochs", "2", "--out", str(out))
    other = crossval(base, *flags, start="spawn")
    assert not any("from an earlier run" in line for line in other)


def test_an_interruption_leaves_no_process_behind(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS, epochs=10_000, batch_size=8)
    environment = {
        **os.environ,
        "SAGEMAKER_BASE_DIR": str(base),
        "PYTHONPATH": str(PYTHON),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "container.crossval", "--folds", "2", "--workers", "2"]
    process = subprocess.Popen(
        command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        # The command, both workers, and the process that tracks what they share.
        eventually(lambda: len(members(process.pid)) >= 4)

        def interrupt() -> bool:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            return process.poll() is not None

        eventually(interrupt)  # an interruption while Python starts the workers is lost
        eventually(lambda: not members(process.pid))
    finally:
        for member in members(process.pid):
            os.kill(member, signal.SIGKILL)


def members(group: int) -> list[int]:
    """The living processes of a process group."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, of, state in rows if int(of) == group and not state.startswith("Z")]


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--epochs", "0"], "A hyperparameter is wrong: argument --epochs: 0 is not between"),
        (["--folds", "1"], "A hyperparameter is wrong: argument --folds: 1 is not between"),
        (["--folds", "60"], "A flag is wrong: --folds 60 is more than there are images"),
        (["--only", "2"], "A flag is wrong: --only takes two folds or more, from 1 to 5."),
        (["--only", "1", "6"], "A flag is wrong: --only takes two folds or more, from 1 to 5."),
        (
            ["--workers", "none"],
            "A hyperparameter is wrong: argument --workers: 'none' is not of type int",
        ),
    ],
)
def test_a_wrong_flag_is_one_sentence(tmp_path: Path, flags: list[str], sentence: str) -> None:
    with pytest.raises(TrainingError) as refused:
        main(Job(lay_out(tmp_path, COUNTS)), flags)
    assert str(refused.value).startswith(sentence)


def test_every_image_is_in_one_fold_and_every_class_in_equal_parts() -> None:
    labels = torch.tensor([0] * 25 + [1] * 10 + [2] * 5)
    folds = deal(labels, 5)
    assert torch.cat(folds).sort().values.tolist() == list(range(40))
    for fold in folds:
        assert labels[fold].bincount().tolist() == [5, 2, 1]
