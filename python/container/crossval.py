"""Judge a recipe without the test images: `python -m container.crossval`, in the folders of a training job.

The images of the channels train and validation are dealt into folds; each fold is answered by a network that has
learned from the others. The flags are those of container.train, and a few more (`--folds`, `--seeds`, `--workers`). One
line for each fold, and at the end the figures over all images as a row of a table: accuracy at one view and as served,
with its standard error, and at a temperature fitted to the other folds' answers the calibration error and what is
accepted at .93.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from container import dataset, evaluation
from container.checkpoints import Checkpoints
from container.classifier import normalised
from container.dataset import Manifest, Split
from container.job import Job
from container.settings import Settings, parse
from container.train import fit, untrained

THRESHOLD, TARGET_PRECISION = 0.93, 0.99
HEADINGS = ("epochs", "seed", "one view", "as served", "±", "temperature", "ECE", "accepted at .93 / right", "s a fold")


@dataclass(frozen=True)
class Answered:
    """A fold's place, labels [N], and logits [N, classes] at one view and as served."""

    fold: int
    labels: Tensor
    single: Tensor
    served: Tensor
    seconds: float


def main(job: Job) -> None:
    arguments = argparse.ArgumentParser(prog="container.crossval", description="Judge a recipe by cross-validation.")
    arguments.add_argument("--folds", type=int, default=5)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[0])
    arguments.add_argument("--workers", type=int, default=1, help="folds at a time, one thread each")
    options, recipe = arguments.parse_known_args(sys.argv[1:])
    settings = parse(job.hyperparameters(), recipe)
    manifest = Manifest.read(job.channel("manifest") / "manifest.json")
    held = [dataset.read(name, job.channel(name), manifest) for name in ("train", "validation")]
    images = Split("all", torch.cat([split.images for split in held]), torch.cat([split.labels for split in held]), [])
    rows = []
    for seed in options.seeds:
        with_seed = replace(settings, seed=seed)
        folds = sorted(
            answered(images, manifest, with_seed, options.folds, options.workers), key=lambda done: done.fold
        )
        rows.append(row(with_seed, folds, manifest.classes))
    for cells in (HEADINGS, ["---"] * len(HEADINGS), *rows):
        print(f"| {' | '.join(cells)} |")


def answered(images: Split, manifest: Manifest, settings: Settings, folds: int, workers: int) -> Iterator[Answered]:
    """Every fold as soon as it is done, with a line about it."""
    held_out = deal(images.labels, folds)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(answer, fold, held_out[fold], images, manifest, settings) for fold in range(folds)]
        for done in as_completed(jobs):
            result = done.result()
            share = float((result.served.argmax(1) == result.labels).double().mean())
            told = f"seed {settings.seed}, fold {result.fold + 1} of {folds}: accuracy {share:.3f}"
            print(f"{told}, {result.seconds:.0f} s", flush=True)
            yield result


def deal(labels: Tensor, folds: int) -> list[Tensor]:
    """Indices of each fold's images: every image in one, every class in equal parts, the same whatever the recipe."""
    generator = torch.Generator().manual_seed(7)
    place = torch.empty(len(labels), dtype=torch.long)
    for label in labels.unique():
        mine = (labels == label).nonzero().flatten()
        place[mine[torch.randperm(len(mine), generator=generator)]] = torch.arange(len(mine)) % folds
    return [(place == fold).nonzero().flatten() for fold in range(folds)]


def answer(fold: int, held_out: Tensor, images: Split, manifest: Manifest, settings: Settings) -> Answered:
    """Train on what is not held out, and answer what is."""
    torch.set_num_threads(1)
    learned = torch.ones(len(images.labels), dtype=torch.bool)
    learned[held_out] = False
    training = Split("train", images.images[learned], images.labels[learned], [])
    validation = Split("validation", images.images[held_out], images.labels[held_out], [])
    torch.manual_seed(settings.seed)
    classifier, began = untrained(training, manifest), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        fit(classifier, training, validation, settings, Checkpoints(Path(folder), "crossval"), lambda: False)
    seconds = time.perf_counter() - began
    with torch.inference_mode():
        single = classifier.network(normalised(validation.images, classifier.mean, classifier.std))
    return Answered(fold, validation.labels, single.float(), classifier.logits(validation.images).float(), seconds)


def row(settings: Settings, folds: Sequence[Answered], classes: list[str]) -> list[str]:
    """The figures over all folds, in the order of HEADINGS."""
    labels = torch.cat([fold.labels for fold in folds])
    single = (torch.cat([fold.single for fold in folds]).argmax(1) == labels).double().mean()
    warm = [likeliest(others(folds, fold)) for fold in folds]
    probabilities = torch.cat([(fold.served / t).softmax(1) for fold, t in zip(folds, warm, strict=True)])
    found = evaluation.report(probabilities, labels, classes, THRESHOLD, TARGET_PRECISION)
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
