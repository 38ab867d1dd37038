"""A trained artifact, and the plain answers that every one of AWS's servers must give as well."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "functional"))

from job_folder import lay_out  # noqa: E402

COUNTS = {"train": 32, "validation": 12, "test": 12}
ASK = """
import json, pathlib, sys
import inference
model = inference.model_fn(sys.argv[1])
files = sorted(pathlib.Path(sys.argv[2]).glob("*.png"))
print(json.dumps({file.name: inference.predict_fn(file.read_bytes(), model).tolist() for file in files}))
"""


@dataclass(frozen=True)
class Trained:
    """`model` is an unpacked model.tar.gz, `pictures` are bytes by name, `answers` what plain Python makes of them."""

    model: Path
    pictures: Mapping[str, bytes]
    answers: Mapping[str, list[float]]


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SM_", "SAGEMAKER_"))}
    return {**kept, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", **changes}


def run(*command: str, **changes: str) -> str:
    """What a command prints, with `changes` to the environment."""
    done = subprocess.run(command, env=environment(**changes), capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    base = lay_out(tmp_path_factory.mktemp("job"), COUNTS, epochs=2, batch_size=8)
    run(sys.executable, "-m", "container.train", SAGEMAKER_BASE_DIR=str(base), PYTHONPATH=str(ROOT / "python"))
    test = base / "input" / "data" / "test"
    answers = json.loads(
        run(sys.executable, "-P", "-c", ASK, str(base / "model"), str(test), PYTHONPATH=str(base / "model" / "code"))
    )
    return Trained(base / "model", {file.name: file.read_bytes() for file in sorted(test.iterdir())}, answers)
