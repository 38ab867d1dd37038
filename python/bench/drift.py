"""`make bench-drift`: the drift monitor's rate of false alarms, and the drifts that it detects.

Trains a model in a job folder (or takes the one in `--out`), and lets the monitor compare windows
of images with the baseline that the training wrote. The images are test images, which are in
neither the training nor the baseline, and drift as `make simulate` makes them drift.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from bench.job_folder import lay_out, resolve_source, source_parser
from bench.training import print_header, table_line, train
from container import dataset
from container.dataset import Manifest, Split
from container.evaluation import baseline, features
from container.evaluation.baseline import Baseline, Features
from container.evaluation.metrics import wilson
from container.serving import inference
from container.serving.classifier import Classifier
from container.settings import Settings, number
from monitor import drift
from monitor.drift import Finding
from scones import cli
from scones.images.drawn.image import draw_image
from scones.images.sources import Source
from scones.progress import Progress
from scones.simulation import drift as drifts
from scones.simulation import mix, unknown_objects

ALPHAS = (drift.ALPHA, 0.05)
SIZES = (50, 100)  # distinct images of a window without drift
SENT = (60, 200)  # images of a window with drift; some come twice, where there are no more
STRENGTHS = {
    "none": (0.0,),
    "dark": (0.1, 0.3, 0.7),
    "blur": (0.1, 0.2, 0.5),
    "noise": (0.05, 0.1, 0.4),
    "shift-classes": (0.3, 0.5, 0.8),
    "new-objects": (0.1, 0.25, 0.5),
}
SHIFTED = 0.2  # from this population stability index on, in its usual reading
UNKNOWN_OBJECTS = 400  # drawn, to choose from
Rows = npt.NDArray[np.int64]
Findings = Sequence[Finding]


@dataclass(frozen=True)
class Traffic:
    """Images that may be sent, in decks with the probability that an image comes from each.

    Like a card, each image is dealt once.
    """

    features: Features
    decks: Sequence[tuple[Rows, float]]

    def window(self, sent: int, rng: np.random.Generator) -> Features:
        """The distinct ones of `sent` images."""
        counts = rng.multinomial(sent, [probability for _, probability in self.decks])
        dealt = [
            rng.permutation(deck)[:count]
            for (deck, _), count in zip(self.decks, counts, strict=True)
        ]
        return self.features[np.concatenate(dealt)]


def main(argv: Sequence[str]) -> int:
    parser = source_parser("bench.drift", "Measure the drift monitor.")
    parser.add_argument("--epochs", type=int, default=Settings.epochs)
    parser.add_argument(
        "--windows",
        type=number(int, 1, 100_000),
        default=1000,
        help="in a row without drift",
    )
    parser.add_argument("--drifts", nargs="+", choices=STRENGTHS, default=list(STRENGTHS))
    parser.add_argument("--out", type=Path, help="saves the trained model for other runs")
    options = parser.parse_args(argv)
    source = resolve_source(options.source)
    with tempfile.TemporaryDirectory() as temporary:
        base = options.out or Path(temporary)
        model, channels = base / "model", base / "input" / "data"
        if not (model / baseline.FILE).exists():
            train_in(base, source, options.classes, options.epochs)
        classifier = inference.model_fn(str(model))
        expected = baseline.read(model / baseline.FILE)
        manifest = Manifest.read(channels / "manifest")
        test = dataset.read("test", channels / "test", manifest)
    cli.result(
        f"{len(expected.features)} images in the baseline, {len(test.labels)} test images.\n"
    )
    measure_false_alarms(expected, features.extract(classifier, test.images), options.windows)
    cli.result("")
    windows = max(1, options.windows // 50)
    measure_detection(expected, classifier, test, options.drifts, windows)
    return 0


def train_in(base: Path, source: Source, classes: Sequence[str], epochs: int) -> None:
    lay_out(base, source, classes, {"seed": 0, "epochs": epochs})
    with Progress("Training", epochs, "epochs") as bar:
        train("container.train", base, torch.get_num_threads(), bar.add)


def measure_false_alarms(expected: Baseline, seen: Features, windows: int) -> None:
    """Windows without drift: with the baseline as it is, then with images divided again."""
    alarms = [f"alarms at {alpha:g}" for alpha in ALPHAS]
    print_header(("baseline", "images", "windows", *alarms, "some PSI above 0.2"))
    rng = np.random.default_rng(0)
    pool = expected.features + seen
    count = len(expected.features)

    def draw_window(size: int) -> tuple[Baseline, Features]:
        return expected, seen[rng.permutation(len(seen))[:size]]

    def divide_again(size: int) -> tuple[Baseline, Features]:
        order = rng.permutation(len(pool))[: count + size]
        return Baseline(expected.classes, pool[order[:count]]), pool[order[count:]]

    for size in SIZES:
        if size < len(seen):
            print_false_alarms("as it is", size, windows, draw_window)
    for size in SIZES:
        if size <= len(seen):
            print_false_alarms("divided again", size, windows, divide_again)


def print_false_alarms(
    kind: str,
    size: int,
    windows: int,
    draw: Callable[[int], tuple[Baseline, Features]],
) -> None:
    with Progress(f"{kind}, {size} images", windows, "windows") as bar:
        # Each window has its own permutations: those of one seed would have the same errors.
        results = [drift.compare(*draw(size), seed=seed) for seed in bar.each(range(windows))]
    rates = [share(count_alarms(results, alpha), windows) for alpha in ALPHAS]
    shifted = sum(any(map(is_shifted, findings)) for findings in results)
    cli.result(table_line((kind, str(size), str(windows), *rates, share(shifted, windows))))


def is_shifted(finding: Finding) -> bool:
    """Whether the usual reading of a population stability index is "shifted" (Siddiqi 2006)."""
    return finding.measure == "PSI" and finding.statistic >= SHIFTED


def measure_detection(
    expected: Baseline,
    classifier: Classifier,
    test: Split,
    kinds: Sequence[str],
    windows: int,
) -> None:
    """Windows with drift of each kind and strength, and of each number of images sent."""
    print_header(("drift", "strength", "sent", "distinct", "alarms", "strongest features"))
    rng = np.random.default_rng(0)
    for kind in kinds:
        for strength in STRENGTHS[kind]:
            traffic = drifted_traffic(kind, strength, expected.classes, classifier, test)
            for sent in SENT:
                drawn = [traffic.window(sent, rng) for _ in range(windows)]
                results = [drift.compare(expected, window) for window in drawn]
                cells = (
                    kind,
                    f"{strength:g}",
                    str(sent),
                    f"{sum(map(len, drawn)) / windows:.0f}",
                    share(count_alarms(results, drift.ALPHA), windows),
                    most_telling(results),
                )
                cli.result(table_line(cells))


def drifted_traffic(
    kind: str,
    strength: float,
    classes: Sequence[str],
    classifier: Classifier,
    test: Split,
) -> Traffic:
    """The traffic that `make simulate DRIFT=kind STRENGTH=strength` draws from the test images."""
    labels = test.labels.numpy()
    counts = np.bincount(labels, minlength=len(classes)) / len(labels)
    shares = dict(zip(classes, counts.tolist(), strict=True))
    if kind == "shift-classes":
        shares = dict(mix.shift(shares, strength))
    decks = [(np.flatnonzero(labels == label), shares[name]) for label, name in enumerate(classes)]
    images = test.images
    transform = drifts.TRANSFORMATIONS.get(kind)
    if transform:
        rng = np.random.default_rng(0)
        pixels = images.permute(0, 2, 3, 1).numpy()
        images = as_tensor([transform(image, strength, rng) for image in pixels])
    sent = features.extract(classifier, images)
    if kind == "new-objects":
        names = unknown_objects.names_except(classes)
        drawn = []
        for index in range(UNKNOWN_OBJECTS):
            draw_object = unknown_objects.UNKNOWN_OBJECTS[names[index % len(names)]]
            drawn.append(draw_image(draw_object, Random(f"{index}")))
        sent += features.extract(classifier, as_tensor(drawn))
        decks = [(deck, probability * (1 - strength)) for deck, probability in decks]
        decks.append((np.arange(len(labels), len(sent)), strength))
    return Traffic(sent, decks)


def as_tensor(images: Sequence[npt.NDArray[np.uint8]]) -> Tensor:
    """Images [S, S, 3] as one tensor [N, 3, S, S]."""
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()


def count_alarms(results: Sequence[Findings], alpha: float) -> int:
    return sum(min(finding.adjusted for finding in findings) <= alpha for findings in results)


def most_telling(results: Sequence[Findings]) -> str:
    """The three features that alarmed in most windows."""
    names = [finding.name for findings in results for finding in findings if finding.drifted]
    order = sorted(set(names), key=lambda name: (-names.count(name), name))
    return ", ".join(order[:3]) or "-"


def share(hits: int, windows: int) -> str:
    """The share with its 95 % interval."""
    low, high = wilson(hits, windows)
    return f"{hits / windows:.4g} ({low:.4f} to {high:.4f})"


if __name__ == "__main__":
    cli.run(main)
