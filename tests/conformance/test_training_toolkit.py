"""The training script under AWS's training toolkit, which starts the PyTorch image's scripts."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from artifacts import COUNTS, SECONDS, environment
from job_folder import lay_out, write
from paths import ROOT

COPY = "This is the source that was handed over."

pytest.importorskip("sagemaker_training", reason='not installed: "make conformance" installs it')


def under_the_toolkit(base: Path, **hyperparameters: object) -> subprocess.CompletedProcess[str]:
    """Run container/train.py as the toolkit does: source copied, flags, SM_ variables."""
    source = base / "source"
    shutil.copytree(ROOT / "python" / "container", source / "container")
    (source / "container" / "__init__.py").write_text(f"print({COPY!r})\n")
    given = {
        **hyperparameters,
        "sagemaker_program": "container/train.py",
        "sagemaker_submit_directory": str(source),
    }
    config = base / "input" / "config"
    write(
        config / "hyperparameters.json", {name: json.dumps(value) for name, value in given.items()}
    )
    write(config / "resourceconfig.json", {"current_host": "localhost", "hosts": ["localhost"]})
    channels = [folder.name for folder in (base / "input" / "data").iterdir()]
    write(
        config / "inputdataconfig.json", {name: {"TrainingInputMode": "File"} for name in channels}
    )
    return subprocess.run(
        [sys.executable, "-m", "sagemaker_training.cli.train"],
        env=environment(SAGEMAKER_BASE_DIR=str(base)),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def test_the_script_trains_and_leaves_its_model(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS)
    done = under_the_toolkit(base, epochs=2, batch_size=8, threshold=0.93)
    assert done.returncode == 0, done.stdout + done.stderr
    for line in (COPY, "--batch_size 8", "Reporting training SUCCESS"):
        assert line in done.stdout + done.stderr
    metrics = json.loads((base / "model" / "metrics.json").read_text())
    assert (metrics["epochs"], metrics["threshold"]) == (2, 0.93)
    assert (base / "model" / "code" / "inference.py").is_file()


def test_a_failure_has_our_own_sentence(tmp_path: Path) -> None:
    base = lay_out(tmp_path, COUNTS)
    done = under_the_toolkit(base, epochs=0)
    assert done.returncode == 1
    failure = (base / "output" / "failure").read_text()
    assert (
        failure.strip()
        == "A hyperparameter is wrong: argument --epochs: 0 is not between 1 and 10,000."
    )
