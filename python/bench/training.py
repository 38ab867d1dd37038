"""`make bench-train`: whole training jobs, timed and judged on the test images, beside the baseline in the same run.

For every seed the recipe as it is and a short schedule, and for the first seed ResNet-18, which takes four times as
long. Each run is `python -m container.train` (or bench.resnet18) in a process of its own with as many threads as asked
for, in a folder laid out like a training job's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from bench.job_folder import lay_out
from bench.resnet18 import EPOCHS as BASELINE_EPOCHS
from container.settings import number, parse
from scones import cli
from scones.errors import UserError
from scones.images import cache, sources
from scones.images.sources import Source
from scones.progress import Progress

SHORT = 24  # epochs: what fits into 20 seconds on two threads
THRESHOLD = 0.93
KINDS = ("recipe", "short", "baseline")
HEADINGS = (
    "run",
    "seed",
    "epochs",
    "test accuracy",
    f"accepted at {THRESHOLD}",
    "right of those",
    "ECE",
    "seconds",
)


@dataclass(frozen=True)
class Run:
    kind: str
    seed: int
    epochs: int
    accuracy: float
    accepted: float
    right: float | None
    ece: float
    seconds: float


def main(argv: Sequence[str]) -> int:
    arguments = argparse.ArgumentParser(
        prog="bench.training", description="Time and judge whole training jobs."
    )
    arguments.add_argument(
        "--source",
        default="sample",
        help="sample, cifar100, or a path or URL of an archive like it",
    )
    arguments.add_argument("--classes", nargs="+", default=["bicycle", "motorcycle"])
    arguments.add_argument("--seeds", nargs="+", type=number(int, 0, 2**31 - 1), default=[0, 1, 2])
    arguments.add_argument("--threads", type=number(int, 1, 1024), default=2)
    arguments.add_argument(
        "--only", nargs="+", choices=KINDS, default=KINDS, help="leave out the other runs"
    )
    arguments.add_argument("--epochs", type=int, default=parse({}).epochs, help="of the recipe")
    options = arguments.parse_args(argv)
    source = sources.resolve(options.source, "", cache.folder())
    machine = f"{processor()} with {os.cpu_count()} cores, {options.threads} of them used"
    cli.result(f"{machine}; torch {torch.__version__}, Python {platform.python_version()}")
    if source.origin.drawn:
        cli.result("The images are a drawn sample, not photographs.")
    epochs = {"recipe": options.epochs, "short": SHORT, "baseline": BASELINE_EPOCHS}
    cli.result(f"{line(HEADINGS)}\n{line(['---'] * len(HEADINGS))}")
    for kind in options.only:
        runs = []
        for seed in (
            options.seeds[:1] if kind == "baseline" else options.seeds
        ):  # each row as soon as it is known: what was measured outlives an interruption
            runs.append(measure(kind, seed, epochs[kind], source, options.classes, options.threads))
            cli.result(row(runs[-1], str(seed)))
        cli.result(average(runs))
    return 0


def measure(
    kind: str, seed: int, epochs: int, source: Source, classes: Sequence[str], threads: int
) -> Run:
    """One training job from nothing.

    Raises:
        UserError: the images or the job fail.
    """
    with tempfile.TemporaryDirectory() as folder:
        given = {"seed": seed, "threshold": THRESHOLD, "epochs": epochs}
        lay_out(Path(folder), source, classes, given)
        module = "bench.resnet18" if kind == "baseline" else "container.train"
        with Progress(f"{kind}, seed {seed}", epochs, "epochs") as bar:
            train(module, Path(folder), threads, bar.add)
        return judged(
            kind, seed, epochs, json.loads((Path(folder) / "model" / "metrics.json").read_text())
        )


def train(module: str, base: Path, threads: int, told: Callable[[], None]) -> None:
    """Run the job in `base` to its end; `told` is called after each epoch."""
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base), "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, "-m", module]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as job:
        assert job.stdout is not None  # noqa: S101
        try:
            lines = []
            for line in job.stdout:
                lines.append(line)
                if re.match(r"epoch=\d+/", line):
                    told()
        except BaseException:
            job.kill()
            raise
    if job.returncode:
        raise UserError(f"The training failed: {lines[-1].strip() if lines else 'it said nothing'}")


def judged(kind: str, seed: int, epochs: int, metrics: Mapping[str, Any]) -> Run:
    test = metrics["test"]
    figures = (
        test["accuracy"],
        test["accepted"],
        test["accepted_accuracy"],
        test["ece"],
        metrics["seconds"],
    )
    return Run(kind, seed, epochs, *figures)


def average(runs: Sequence[Run]) -> str:
    """The mean of runs of one kind as a row of the table, with the least of their accuracies."""
    right = [run.right for run in runs if run.right is not None]
    means = (
        mean(run.accuracy for run in runs),
        mean(run.accepted for run in runs),
        mean(right) if right else None,
    )
    whole = Run(
        runs[0].kind,
        0,
        runs[0].epochs,
        *means,
        mean(run.ece for run in runs),
        mean(run.seconds for run in runs),
    )
    return row(whole, f"mean (least accuracy {min(run.accuracy for run in runs):.3f})")


def row(run: Run, seed: str) -> str:
    right = "-" if run.right is None else f"{run.right:.3f}"
    figures = (
        f"{run.accuracy:.3f}",
        f"{run.accepted:.3f}",
        right,
        f"{run.ece:.3f}",
        f"{run.seconds:.1f}",
    )
    return line((run.kind, seed, str(run.epochs), *figures))


def line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def processor() -> str:
    """The CPU's name, as far as the system tells it."""
    try:
        told = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        told = None
    return told[1] if told else platform.processor() or platform.machine()


if __name__ == "__main__":
    cli.run(main)
