"""Judge a recipe without the test images: `python -m container.crossval`, in the folders of a job.

The images of the channels train and validation are dealt into folds; each fold is answered by a
network that has learned from the others. The flags are those of container.train and a few more
(`--help`). It prints one line for each fold, and then the figures over all images as a row of a
table: accuracy at one view and as served, with its standard error, and, at a temperature fitted to
the other folds' answers, the calibration error and the share accepted at .93.

With `--out FOLDER` each fold's answers are saved there, and the same command resumes after an
interruption.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
import shutil
import signal
import sys
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import mean

import torch
from torch import Tensor

from container import dataset
from container.calibration import most_likely
from container.checkpoints import Checkpoints, Run
from container.dataset import Manifest, Split
from container.errors import TrainingError
from container.evaluation import metrics
from container.job import Job, ensure_folder
from container.serving.classifier import normalize
from container.settings import MAX_SEED, Parser, Settings, number, parse
from container.train import fit, untrained

THRESHOLD, TARGET_PRECISION = 0.93, 0.99


@dataclass(frozen=True)
class FoldResult:
    """A fold's labels [N], and logits [N, classes] at one view and as served."""

    labels: Tensor
    single: Tensor
    served: Tensor
    seconds: float


@dataclass(frozen=True)
class Task:
    """The input of a worker for any fold; `held_out` has the indices of each fold's images.

    `key` names data, settings, folds and code: results with another key are not reused.
    """

    key: str
    images: Split
    held_out: list[Tensor]
    manifest: Manifest
    settings: Settings
    folder: Path

    def file(self, fold: int) -> Path:
        return self.folder / f"{self.key}-seed-{self.settings.seed}-fold-{fold + 1}.pt"


def main(job: Job, argv: Sequence[str] | None = None) -> None:
    options, recipe = parse_flags(sys.argv[1:] if argv is None else argv)
    settings = parse(job.hyperparameters(), recipe)
    folds = sorted({fold - 1 for fold in options.only or range(1, options.folds + 1)})
    if len(folds) < 2 or folds[-1] >= options.folds:
        raise TrainingError(
            f"A flag is wrong: --only takes two folds or more, from 1 to {options.folds}."
        )
    manifest = Manifest.read(job.channel("manifest"))
    splits = [dataset.read(name, job.channel(name), manifest) for name in ("train", "validation")]
    images = torch.cat([split.images for split in splits])
    labels = torch.cat([split.labels for split in splits])
    held_out = deal(labels, options.folds)
    if not all(len(fold) for fold in held_out):
        raise TrainingError(
            f"A flag is wrong: --folds {options.folds} is more than there are images of any class."
        )
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = ensure_folder(options.out or Path(temporary))
        for seed in options.seeds:
            seeded = replace(settings, seed=seed)
            key = fingerprint(manifest, seeded, options.folds)
            data = Split("all", images, labels)
            task = Task(key, data, held_out, manifest, seeded, folder)
            results = run_folds(task, folds, options.workers)
            rows.append(table_row(seeded, results, manifest.classes))
    for cells in (rows[0], ["---"] * len(rows[0]), *(row.values() for row in rows)):
        print(f"| {' | '.join(cells)} |")


def parse_flags(argv: Sequence[str]) -> tuple[Namespace, list[str]]:
    """Return the options of the cross-validation, and the flags that are the recipe's."""
    parser = Parser(
        prog="container.crossval",
        description="Judge a recipe by cross-validation.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--folds", type=number(int, 2, 100), default=5, help="parts that the images are dealt into")
    add(
        "--only",
        type=number(int, 1, 100),
        nargs="+",
        metavar="FOLD",
        help="two folds or more, from 1, instead of all",
    )
    add(
        "--seeds",
        type=number(int, 0, MAX_SEED),
        nargs="+",
        default=[0],
        help="a row of the table for each",
    )
    add("--workers", type=number(int, 1, 1000), default=1, help="folds at a time, one thread each")
    add("--out", type=Path, metavar="FOLDER", help="saves the folds' answers, to resume from")
    return parser.parse_known_args(argv)


def fingerprint(manifest: Manifest, settings: Settings, folds: int) -> str:
    """A hash of data, settings, number of folds and the code of this package."""
    total = hashlib.sha256(f"{manifest.fingerprint} {settings} {folds}".encode())
    for module in sorted(Path(__file__).parent.rglob("*.py")):
        total.update(module.read_bytes())
    return total.hexdigest()[:12]


def run_folds(task: Task, folds: Sequence[int], workers: int) -> list[FoldResult]:
    """Return every fold's result; print a line about each."""
    results = []
    # Leaving the pool ends its processes, also when something fails or the user interrupts.
    with get_context("spawn").Pool(min(workers, len(folds)), initializer=prepare_worker) as pool:
        for fold, is_new in zip(folds, pool.imap(partial(run_fold, task), folds), strict=True):
            result = FoldResult(**torch.load(task.file(fold), weights_only=True))
            accuracy = float((result.served.argmax(1) == result.labels).double().mean())
            remark = "" if is_new else ", from an earlier run"
            print(
                f"seed {task.settings.seed}, fold {fold + 1} of {len(task.held_out)}: "
                f"accuracy {accuracy:.3f}, {result.seconds:.0f} s{remark}",
                flush=True,
            )
            results.append(result)
    return results


def prepare_worker() -> None:
    """A worker has one thread, and leaves Ctrl-C to the process that ends it."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def deal(labels: Tensor, folds: int) -> list[Tensor]:
    """Indices of each fold's images: every class in equal parts, and the same for every recipe."""
    generator = torch.Generator().manual_seed(7)
    fold_of = torch.empty(len(labels), dtype=torch.long)
    for label in labels.unique():
        members = (labels == label).nonzero().flatten()
        shuffled = members[torch.randperm(len(members), generator=generator)]
        fold_of[shuffled] = torch.arange(len(members)) % folds
    return [(fold_of == fold).nonzero().flatten() for fold in range(folds)]


def run_fold(task: Task, fold: int) -> bool:
    """Train on all other folds, answer this one's images, and save the answers.

    Returns whether there was anything to do.
    """
    file = task.file(fold)
    if file.exists():
        return False
    rest = torch.ones(len(task.images.labels), dtype=torch.bool)
    rest[task.held_out[fold]] = False
    training = task.images.select("train", rest)
    validation = task.images.select("validation", task.held_out[fold])
    torch.manual_seed(task.settings.seed)
    classifier = untrained(training, task.manifest)
    checkpoints = Checkpoints(ensure_folder(file.with_suffix(".checkpoints")), file.stem)
    with contextlib.redirect_stdout(io.StringIO()):
        history = fit(
            classifier,
            training,
            validation,
            Run(task.settings, checkpoints, stopping=lambda: False),
        )
    seen = normalize(validation.images, classifier.mean, classifier.std)
    with torch.inference_mode():
        single = classifier.network(seen).float()
    result = FoldResult(
        validation.labels,
        single,
        served=classifier.logits(validation.images).float(),
        seconds=sum(epoch["seconds"] for epoch in history),
    )
    partial_file = file.with_suffix(".partial")
    torch.save(vars(result), partial_file)
    partial_file.replace(file)
    shutil.rmtree(checkpoints.folder)
    return True


def table_row(
    settings: Settings,
    results: Sequence[FoldResult],
    classes: list[str],
) -> dict[str, str]:
    """The figures over all folds by their headings."""
    labels = torch.cat([result.labels for result in results])
    single = torch.cat([result.single for result in results])
    temperatures = []
    probabilities = []
    for result in results:
        temperature = fit_temperature([other for other in results if other is not result])
        temperatures.append(temperature)
        probabilities.append((result.served / temperature).softmax(1))
    figures = metrics.report(
        torch.cat(probabilities).numpy(), labels.numpy(), classes, THRESHOLD, TARGET_PRECISION
    )
    accuracy = figures["accuracy"]
    right = "-" if figures["accepted"] == 0 else f"{figures['accepted_accuracy']:.3f}"
    error = math.sqrt(accuracy * (1 - accuracy) / len(labels))
    return {
        "epochs": str(settings.epochs),
        "seed": str(settings.seed),
        "one view": f"{(single.argmax(1) == labels).double().mean():.3f}",
        "as served": f"{accuracy:.3f}",
        "±": f"{error:.3f}",
        "temperature": f"{mean(temperatures):.2f}",
        "ECE": f"{figures['ece']:.3f}",
        "accepted at .93 / right": f"{figures['accepted']:.3f} / {right}",
        "s a fold": f"{mean(result.seconds for result in results):.0f}",
    }


def fit_temperature(results: Sequence[FoldResult]) -> float:
    """The temperature at which the labels of these folds are most likely."""
    logits = torch.cat([result.served for result in results])
    labels = torch.cat([result.labels for result in results])
    temperatures = torch.logspace(-1, 1, 401)
    return most_likely(temperatures, torch.zeros(401), logits, labels)


if __name__ == "__main__":
    raise SystemExit(Job.here().run(main))
