"""Judge a recipe without the test images: `python -m container.crossval`, in the folders of a training job.

The images of the channels train and validation are dealt into folds; each fold is answered by a network that has
learned from the others. The flags are those of container.train, and a few more (`--help`). One line for each fold, and
at the end the figures over all images as a row of a table: accuracy at one view and as served, with its standard error,
and at a temperature fitted to the other folds' answers the calibration error and what is accepted at .93.

With `--out FOLDER` each fold's answers are kept there, and the same command goes on where it was interrupted.
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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from container import dataset
from container.checkpoints import Checkpoints
from container.dataset import Manifest, Split
from container.errors import TrainingError
from container.evaluation import metrics
from container.job import Job, made
from container.serving.classifier import normalised
from container.settings import Parser, Settings, number, parse
from container.train import fit, untrained

THRESHOLD, TARGET_PRECISION = 0.93, 0.99
HEADINGS = (
    "epochs",
    "seed",
    "one view",
    "as served",
    "±",
    "temperature",
    "ECE",
    "accepted at .93 / right",
    "s a fold",
)


@dataclass(frozen=True)
class Answered:
    """A fold's place, labels [N], and logits [N, classes] at one view and as served."""

    fold: int
    labels: Tensor
    single: Tensor
    served: Tensor
    seconds: float


def main(job: Job, argv: Sequence[str] | None = None) -> None:
    arguments = Parser(
        prog="container.crossval",
        description="Judge a recipe by cross-validation.",
        allow_abbrev=False,
    )
    add = arguments.add_argument
    add("--folds", type=number(int, 2, 100), default=5, help="parts that the images are dealt into")
    add(
        "--only",
        type=number(int, 1, 100),
        nargs="+",
        metavar="FOLD",
        help="two folds or more, from 1; others wait",
    )
    add(
        "--seeds",
        type=number(int, 0, 2**31 - 1),
        nargs="+",
        default=[0],
        help="a row of the table each",
    )
    add("--workers", type=number(int, 1, 1000), default=1, help="folds at a time, one thread each")
    add(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="keeps the folds' answers, to go on from when interrupted",
    )
    options, recipe = arguments.parse_known_args(sys.argv[1:] if argv is None else argv)
    settings = parse(job.hyperparameters(), recipe)
    wanted = sorted({fold - 1 for fold in options.only or range(1, options.folds + 1)})
    if len(wanted) < 2 or wanted[-1] >= options.folds:
        raise TrainingError(
            f"A flag is wrong: --only takes two folds or more, from 1 to {options.folds}."
        )
    manifest = Manifest.read(job.channel("manifest") / "manifest.json")
    held = [dataset.read(name, job.channel(name), manifest) for name in ("train", "validation")]
    images = Split(
        "all",
        torch.cat([split.images for split in held]),
        torch.cat([split.labels for split in held]),
        [],
    )
    held_out = deal(images.labels, options.folds)
    if not all(len(fold) for fold in held_out):
        raise TrainingError(
            f"A flag is wrong: --folds {options.folds} is more than there are images of any class."
        )
    code = [module.read_bytes() for module in sorted(Path(__file__).parent.rglob("*.py"))]
    rows = []
    with tempfile.TemporaryDirectory() as nowhere:
        for seed in options.seeds:
            given = replace(settings, seed=seed)
            run = fingerprint(code, manifest, given, options.folds)
            task = Task(run, images, held_out, manifest, given, made(options.out or Path(nowhere)))
            folds = sorted(answered(task, wanted, options.workers), key=lambda done: done.fold)
            rows.append(row(task.settings, folds, manifest.classes))
    for cells in (HEADINGS, ["---"] * len(HEADINGS), *rows):
        print(f"| {' | '.join(cells)} |")


@dataclass(frozen=True)
class Task:
    """All that a worker needs for any fold; `held_out` has the indices of each fold's images.

    `run` names data, settings, folds and code: what others of these gave is not gone on with.
    """

    run: str
    images: Split
    held_out: list[Tensor]
    manifest: Manifest
    settings: Settings
    folder: Path

    def file(self, fold: int) -> Path:
        return self.folder / f"{self.run}-seed-{self.settings.seed}-fold-{fold + 1}.pt"

    def kept(self, fold: int) -> Answered:
        return Answered(**torch.load(self.file(fold), weights_only=True))


def fingerprint(code: Sequence[bytes], manifest: Manifest, settings: Settings, folds: int) -> str:
    total = hashlib.sha256(f"{manifest.fingerprint} {settings} {folds}".encode())
    for content in code:
        total.update(content)
    return total.hexdigest()[:12]


def answered(task: Task, wanted: Sequence[int], workers: int) -> Iterator[Answered]:
    """Every wanted fold as soon as it is done, with a line about it."""
    before = [fold for fold in wanted if task.file(fold).exists()]
    missing = [fold for fold in wanted if fold not in before]
    for fold in before:
        yield told(task, fold, ", kept from before")
    # Leaving the pool ends its processes, also when something fails or the user interrupts.
    with get_context("spawn").Pool(min(workers, max(1, len(missing))), initializer=prepare) as pool:
        for fold in pool.imap_unordered(partial(answer, task), missing):
            yield told(task, fold)


def told(task: Task, fold: int, remark: str = "") -> Answered:
    done = task.kept(fold)
    share = float((done.served.argmax(1) == done.labels).double().mean())
    which = f"seed {task.settings.seed}, fold {fold + 1} of {len(task.held_out)}"
    print(f"{which}: accuracy {share:.3f}, {done.seconds:.0f} s{remark}", flush=True)
    return done


def prepare() -> None:
    """A worker has one thread, and leaves Ctrl-C to the process that ends it."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def deal(labels: Tensor, folds: int) -> list[Tensor]:
    """Indices of each fold's images: every image in one, every class in equal parts, the same whatever the recipe."""
    generator = torch.Generator().manual_seed(7)
    place = torch.empty(len(labels), dtype=torch.long)
    for label in labels.unique():
        mine = (labels == label).nonzero().flatten()
        place[mine[torch.randperm(len(mine), generator=generator)]] = (
            torch.arange(len(mine)) % folds
        )
    return [(place == fold).nonzero().flatten() for fold in range(folds)]


def answer(task: Task, fold: int) -> int:
    """Train on what is not held out, answer what is, and keep that."""
    images, held_out = task.images, task.held_out[fold]
    learned = torch.ones(len(images.labels), dtype=torch.bool)
    learned[held_out] = False
    training = Split("train", images.images[learned], images.labels[learned], [])
    validation = Split("validation", images.images[held_out], images.labels[held_out], [])
    torch.manual_seed(task.settings.seed)
    classifier, whole = untrained(training, task.manifest), task.file(fold)
    checkpoints = Checkpoints(made(whole.with_suffix(".checkpoints")), run=whole.stem)
    with contextlib.redirect_stdout(io.StringIO()):
        history = fit(classifier, training, validation, task.settings, checkpoints, lambda: False)
    seconds = sum(epoch["seconds"] for epoch in history)
    with torch.inference_mode():
        single = classifier.network(
            normalised(validation.images, classifier.mean, classifier.std)
        ).float()
    served = classifier.logits(validation.images).float()
    unfinished = whole.with_suffix(".partial")
    torch.save(vars(Answered(fold, validation.labels, single, served, seconds)), unfinished)
    unfinished.replace(whole)
    shutil.rmtree(checkpoints.folder)
    return fold


def row(settings: Settings, folds: Sequence[Answered], classes: list[str]) -> list[str]:
    """The figures over all folds, in the order of HEADINGS."""
    labels = torch.cat([fold.labels for fold in folds])
    single = (torch.cat([fold.single for fold in folds]).argmax(1) == labels).double().mean()
    warm = [likeliest(others(folds, fold)) for fold in folds]
    probabilities = torch.cat(
        [(fold.served / t).softmax(1) for fold, t in zip(folds, warm, strict=True)]
    )
    found = metrics.report(
        probabilities.numpy(), labels.numpy(), classes, THRESHOLD, TARGET_PRECISION
    )
    accuracy = found["accuracy"]
    right = "-" if found["accepted_accuracy"] is None else f"{found['accepted_accuracy']:.3f}"
    return [
        str(settings.epochs),
        str(settings.seed),
        f"{single:.3f}",
        f"{accuracy:.3f}",
        f"{math.sqrt(accuracy * (1 - accuracy) / len(labels)):.3f}",
        f"{sum(warm) / len(warm):.2f}",
        f"{found['ece']:.3f}",
        f"{found['accepted']:.3f} / {right}",
        f"{sum(fold.seconds for fold in folds) / len(folds):.0f}",
    ]


def others(folds: Sequence[Answered], fold: Answered) -> tuple[Tensor, Tensor]:
    """Logits and labels of the other folds."""
    rest = [other for other in folds if other is not fold]
    return torch.cat([other.served for other in rest]), torch.cat([other.labels for other in rest])


def likeliest(answers: tuple[Tensor, Tensor]) -> float:
    """The temperature at which the labels are least surprising."""
    logits, labels = answers
    temperatures = torch.logspace(-1, 1, 401)
    surprise = torch.stack([cross_entropy(logits / t, labels) for t in temperatures])
    return float(temperatures[surprise.argmin()])


if __name__ == "__main__":
    raise SystemExit(Job.here().run(main))
