"""`make bench-drift`: how often the drift monitor alarms for nothing, and how often it sees what has changed.

Trains a model in a job folder (or takes the one in `--out`), and lets the monitor compare windows of pictures with the
baseline that the training wrote. The pictures are test images, which are in neither the training nor the baseline, and
drifted as `make simulate` drifts them.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import torch

from bench.job_folder import lay_out
from bench.training import line, train
from container import dataset
from container.dataset import Manifest
from container.evaluation import baseline, features
from container.evaluation.baseline import Baseline, Features
from container.evaluation.metrics import wilson
from container.serving import inference
from container.serving.classifier import Classifier
from container.settings import number, parse
from monitor import drift
from monitor.drift import Finding
from scones import cli
from scones.images import cache, sources
from scones.images.drawn.image import draw_image
from scones.images.sources import Source
from scones.progress import Progress
from scones.simulation import drift as drifts
from scones.simulation import mix, unknown_objects

ALPHAS = (drift.ALPHA, 0.05)
SIZES = (50, 100)  # distinct pictures of a window without drift
SENT = (60, 200)  # pictures of a window with drift; some come twice, where there are no more
STRENGTHS = {
    "none": (0.0,),
    "dark": (0.1, 0.3, 0.7),
    "blur": (0.1, 0.2, 0.5),
    "noise": (0.05, 0.1, 0.4),
    "shift-classes": (0.3, 0.5, 0.8),
    "new-objects": (0.1, 0.25, 0.5),
}
STRANGERS = 400  # drawn, to choose from
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Traffic:
    """Pictures that may come, in decks: each deck is dealt from with some chance, like cards, each picture once."""

    pictures: Features
    decks: Sequence[tuple[Rows, float]]

    def window(self, sent: int, random: np.random.Generator) -> Features:
        """The distinct ones of so many that were sent."""
        counts = random.multinomial(sent, [chance for _, chance in self.decks])
        dealt = [
            random.permutation(deck)[:count]
            for (deck, _), count in zip(self.decks, counts, strict=True)
        ]
        return self.pictures[np.concatenate(dealt)]


def main(argv: Sequence[str]) -> int:
    arguments = argparse.ArgumentParser(
        prog="bench.drift", description="Measure the drift monitor."
    )
    arguments.add_argument(
        "--source",
        default="sample",
        help="sample, cifar100, or a path or URL of an archive like it",
    )
    arguments.add_argument("--classes", nargs="+", default=["bicycle", "motorcycle"])
    arguments.add_argument("--epochs", type=int, default=parse({}).epochs)
    arguments.add_argument(
        "--windows",
        type=number(int, 1, 100_000),
        default=1000,
        help="in a row without drift",
    )
    arguments.add_argument("--drifts", nargs="+", choices=STRENGTHS, default=list(STRENGTHS))
    arguments.add_argument(
        "--out", type=Path, help="keeps the trained model, which another run then takes"
    )
    options = arguments.parse_args(argv)
    source = sources.resolve(options.source, "", cache.folder())
    if source.origin.drawn:
        cli.result("The images are a drawn sample, not photographs.")
    with job_folder(options.out) as base:
        if not (base / "model" / baseline.FILE).exists():
            train_in(base, source, options.classes, options.epochs)
        classifier = inference.model_fn(str(base / "model"))
        expected = baseline.read(base / "model" / baseline.FILE)
        manifest = Manifest.read(base / "input" / "data" / "manifest")
        test = dataset.read("test", base / "input" / "data" / "test", manifest)
    cli.result(
        f"{len(expected.features)} pictures in the baseline, {len(test.labels)} test images.\n"
    )
    seen = features.extract(classifier, test.images)
    false_alarms(expected, seen, options.windows)
    cli.result("")
    detection(
        expected,
        classifier,
        test.images,
        test.labels.numpy(),
        options.drifts,
        max(1, options.windows // 50),
    )
    return 0


@contextlib.contextmanager
def job_folder(out: Path | None) -> Iterator[Path]:
    if out:
        yield out
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def train_in(base: Path, source: Source, classes: Sequence[str], epochs: int) -> None:
    lay_out(base, source, classes, {"seed": 0, "epochs": epochs})
    with Progress("Training", epochs, "epochs") as bar:
        train("container.train", base, torch.get_num_threads(), bar.add)


def false_alarms(expected: Baseline, seen: Features, windows: int) -> None:
    """Windows without drift: the baseline as it is, then baseline and test images divided anew for each window."""
    heads = [f"alarms at {alpha:g}" for alpha in ALPHAS]
    table(("baseline", "images", "windows", *heads, "some PSI above 0.2"))
    random = np.random.default_rng(0)
    pool, count = expected.features + seen, len(expected.features)

    def as_it_is(size: int) -> tuple[Baseline, Features]:
        return expected, seen[chosen(len(seen), size, random)]

    def divided_anew(size: int) -> tuple[Baseline, Features]:
        order = chosen(len(pool), count + size, random)
        return Baseline(expected.classes, pool[order[:count]]), pool[order[count:]]

    for size in (size for size in SIZES if size < len(seen)):
        row("as it is", size, windows, as_it_is)
    for size in (size for size in SIZES if size <= len(seen)):
        row("divided anew", size, windows, divided_anew)


def row(
    kind: str, size: int, windows: int, draw: Callable[[int], tuple[Baseline, Features]]
) -> None:
    with Progress(f"{kind}, {size} images", windows, "windows") as bar:
        # Each with its own permutations: those of one seed would err alike.
        found = [drift.compare(*draw(size), seed=seed) for seed in bar.each(range(windows))]
    shifted = sum(any(finding.reading == "shifted" for finding in findings) for findings in found)
    rates = [
        share(sum(least(findings) <= alpha for findings in found), windows) for alpha in ALPHAS
    ]
    cli.result(line((kind, str(size), str(windows), *rates, share(shifted, windows))))


def detection(
    expected: Baseline,
    classifier: Classifier,
    images: torch.Tensor,
    labels: Rows,
    kinds: Sequence[str],
    windows: int,
) -> None:
    """Windows with drift of each kind and strength, of so many pictures sent."""
    table(("drift", "strength", "sent", "distinct", "alarms", "most telling"))
    random = np.random.default_rng(0)
    for kind in kinds:
        for strength in STRENGTHS[kind]:
            traffic = drifted(kind, strength, expected, classifier, images, labels)
            for sent in SENT:
                drawn = [traffic.window(sent, random) for _ in range(windows)]
                found = [drift.compare(expected, window) for window in drawn]
                alarms = sum(least(findings) <= drift.ALPHA for findings in found)
                distinct = sum(map(len, drawn)) / windows
                cells = (
                    f"{strength:g}",
                    str(sent),
                    f"{distinct:.0f}",
                    share(alarms, windows),
                    telling(found),
                )
                cli.result(line((kind, *cells)))


def drifted(
    kind: str,
    strength: float,
    expected: Baseline,
    classifier: Classifier,
    images: torch.Tensor,
    labels: Rows,
) -> Traffic:
    """The traffic that `make simulate DRIFT=kind STRENGTH=strength` draws from the test images."""
    counts = np.bincount(labels, minlength=len(expected.classes))
    shares = {
        name: count / len(labels)
        for name, count in zip(expected.classes, counts.tolist(), strict=True)
    }
    if kind == "shift-classes":
        shares = dict(mix.shift(shares, strength))
    decks = [
        (np.flatnonzero(labels == label), shares[name])
        for label, name in enumerate(expected.classes)
    ]
    if transform := drifts.TRANSFORMATIONS.get(kind):
        random = np.random.default_rng(0)
        changed = [
            transform(image, strength, random) for image in images.permute(0, 2, 3, 1).numpy()
        ]
        images = torch.from_numpy(np.stack(changed)).permute(0, 3, 1, 2)
    pictures = features.extract(classifier, images.contiguous())
    if kind == "new-objects":
        names = unknown_objects.names_except(expected.classes)
        new = [
            draw_image(unknown_objects.UNKNOWN_OBJECTS[names[i % len(names)]], Random(f"{i}"))
            for i in range(STRANGERS)
        ]
        pictures += features.extract(
            classifier, torch.from_numpy(np.stack(new)).permute(0, 3, 1, 2).contiguous()
        )
        decks = [(deck, chance * (1 - strength)) for deck, chance in decks]
        decks.append((np.arange(len(labels), len(pictures)), strength))
    return Traffic(pictures, decks)


def least(findings: Sequence[Finding]) -> float:
    return min(finding.adjusted for finding in findings)


def telling(found: Sequence[Sequence[Finding]]) -> str:
    """The features that alarmed, those of most windows first."""
    names = [finding.name for findings in found for finding in findings if finding.drifted]
    return ", ".join(sorted(set(names), key=lambda name: (-names.count(name), name))[:3]) or "-"


def share(hits: int, windows: int) -> str:
    """The share with its 95 % interval."""
    low, high = wilson(hits, windows)
    return f"{hits / windows:.4g} ({low:.4f} to {high:.4f})"


def chosen(among: int, size: int, random: np.random.Generator) -> Rows:
    return random.permutation(among)[:size]


def table(headings: Sequence[str]) -> None:
    cli.result(f"{line(headings)}\n{line(['---'] * len(headings))}")


if __name__ == "__main__":
    cli.run(main)
