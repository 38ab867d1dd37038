"""`make bench-train`: whole training jobs, timed and judged on the test images, beside a baseline.

For every seed the recipe and a short schedule, and for the first seed ResNet-18, which takes four
times as long. Each run is `python -m container.train` (or bench.resnet18) in a process of its own
with as many threads as `--threads`, in a folder laid out like a training job's.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean

import torch

from bench.job_folder import lay_out, resolve_source, source_parser
from bench.resnet18 import EPOCHS as BASELINE_EPOCHS
from container.settings import MAX_SEED, Settings, number
from scones import cli
from scones.errors import UserError
from scones.images.sources import Source
from scones.progress import Progress

SHORT = 24  # epochs: what fits into 20 seconds on two threads
THRESHOLD = 0.93
KINDS = ("recipe", "short", "baseline")
FIGURES = ("accuracy", "accepted", "accepted_accuracy", "ece")
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


def main(argv: Sequence[str]) -> int:
    parser = source_parser("bench.training", "Time and judge whole training jobs.")
    parser.add_argument("--seeds", nargs="+", type=number(int, 0, MAX_SEED), default=[0, 1, 2])
    parser.add_argument("--threads", type=number(int, 1, 1024), default=2)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=KINDS,
        default=KINDS,
        help="leave out the other runs",
    )
    parser.add_argument("--epochs", type=int, default=Settings.epochs, help="of the recipe")
    options = parser.parse_args(argv)
    cli.result(
        f"{processor()} with {os.cpu_count()} cores, {options.threads} of them used; "
        f"torch {torch.__version__}, Python {platform.python_version()}"
    )
    source = resolve_source(options.source)
    all_epochs = {"recipe": options.epochs, "short": SHORT, "baseline": BASELINE_EPOCHS}
    print_header(HEADINGS)
    for kind in options.only:
        epochs = all_epochs[kind]
        runs = []
        # Each row is printed at once: it outlives an interruption.
        for seed in options.seeds[:1] if kind == "baseline" else options.seeds:
            figures = measure(kind, seed, epochs, source, options.classes, options.threads)
            runs.append(figures)
            print_row(kind, str(seed), epochs, figures)
        lowest = min(figures[0] or 0.0 for figures in runs)
        means = [mean_of(column) for column in zip(*runs, strict=True)]
        print_row(kind, f"mean (least accuracy {lowest:.3f})", epochs, means)
    return 0


def measure(
    kind: str,
    seed: int,
    epochs: int,
    source: Source,
    classes: Sequence[str],
    threads: int,
) -> list[float | None]:
    """Run one training job from nothing; return its FIGURES on the test images and its seconds.

    Raises:
        UserError: the images or the job fail.
    """
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        lay_out(
            base,
            source,
            classes,
            {"seed": seed, "threshold": THRESHOLD, "epochs": epochs},
        )
        module = "bench.resnet18" if kind == "baseline" else "container.train"
        with Progress(f"{kind}, seed {seed}", epochs, "epochs") as bar:
            train(module, base, threads, bar.add)
        metrics = json.loads((base / "model" / "metrics.json").read_text())
    return [*(metrics["test"][name] for name in FIGURES), metrics["seconds"]]


def train(module: str, base: Path, threads: int, after_epoch: Callable[[], None]) -> None:
    """Run the job in `base` to its end; `after_epoch` is called after each epoch.

    Raises:
        UserError: the job fails.
    """
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base), "OMP_NUM_THREADS": str(threads)}
    last_line = "it printed nothing"
    with subprocess.Popen(
        [sys.executable, "-m", module],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as job:
        assert job.stdout is not None  # noqa: S101
        try:
            for line in job.stdout:
                last_line = line.strip()
                if re.match(r"epoch=\d+/", line):
                    after_epoch()
        except BaseException:
            job.kill()
            raise
    if job.returncode:
        raise UserError(f"The training failed: {last_line}")


def mean_of(figures: Sequence[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return mean(known) if known else None


def print_row(kind: str, seed: str, epochs: int, figures: Sequence[float | None]) -> None:
    *shares, seconds = figures
    cells = ["-" if share is None else f"{share:.3f}" for share in shares]
    cli.result(table_line((kind, seed, str(epochs), *cells, f"{seconds:.1f}")))


def print_header(headings: Sequence[str]) -> None:
    cli.result(f"{table_line(headings)}\n{table_line(['---'] * len(headings))}")


def table_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def processor() -> str:
    """The CPU's name, if the system has it."""
    try:
        cpu_info = Path("/proc/cpuinfo").read_text()
    except OSError:
        cpu_info = ""
    model = re.search(r"^model name\s*: (.+)$", cpu_info, re.MULTILINE)
    return model[1] if model else platform.processor() or platform.machine()


if __name__ == "__main__":
    cli.run(main)
