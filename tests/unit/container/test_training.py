"""Fitting a network: repeatable, resumable, and honest when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from container.checkpoints import Checkpoints, Run
from container.dataset import Manifest, Split
from container.errors import Stopped, TrainingError
from container.job import ensure_folder
from container.serving.classifier import Classifier
from container.settings import Settings, parse
from container.train import fit, one_cycle, untrained

MANIFEST = Manifest(["dark", "light"], drawn=True, fingerprint="f", images=[])


def split(count: int = 24, size: int = 8) -> Split:
    """Dark and light noise."""
    generator = torch.Generator().manual_seed(3)
    labels = torch.arange(count) % 2
    noise = torch.randint(0, 128, (count, 3, size, size), generator=generator)
    return Split("train", (noise + 100 * labels[:, None, None, None]).to(torch.uint8), labels, [])


def run(folder: Path, settings: Settings, stopping: bool = False) -> Run:
    return Run(settings, Checkpoints(ensure_folder(folder), run="run"), lambda: stopping)


def trained(folder: Path, settings: Settings, stopping: bool = False) -> Classifier:
    torch.manual_seed(settings.seed)
    data = split()
    classifier = untrained(data, MANIFEST)
    fit(classifier, data, data, run(folder, settings, stopping))
    return classifier


def same(one: Classifier, other: Classifier) -> bool:
    pairs = zip(one.network.state_dict().values(), other.network.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_one_seed_gives_one_network_and_another_seed_another(tmp_path: Path) -> None:
    settings = parse({"epochs": "2", "batch_size": "8"})
    first, second = (trained(tmp_path / name, settings) for name in ("a", "b"))
    other = trained(tmp_path / "c", parse({"epochs": "2", "batch_size": "8", "seed": "1"}))
    assert same(first, second)
    assert not same(first, other)


def test_every_epoch_prints_a_line_for_the_metrics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(tmp_path, parse({"epochs": "2"}))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("epoch=2/2 train_loss=0.")
    assert " validation_accuracy=" in lines[1]
    assert " seconds=" in lines[1]


def test_a_resumed_run_equals_one_that_never_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = parse({"epochs": "3", "batch_size": "8"})
    whole = trained(tmp_path / "whole", settings)
    capsys.readouterr()

    with pytest.raises(Stopped, match="after 1 of 3 epochs"):
        trained(tmp_path / "parts", settings, stopping=True)
    resumed = trained(tmp_path / "parts", settings)

    epochs = [
        line.split()[0]
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("epoch=")
    ]
    assert epochs == ["epoch=1/3", "epoch=2/3", "epoch=3/3"]
    assert same(whole, resumed)


def test_a_loss_that_is_nan_ends_the_run(tmp_path: Path) -> None:
    data, settings = split(), parse({"epochs": "5"})
    classifier = untrained(data, MANIFEST)
    torch.nn.init.constant_(classifier.network.head.weight, float("nan"))
    with pytest.raises(
        TrainingError,
        match="NaN or infinite loss in epoch 1: lower the hyperparameter learning_rate",
    ):
        fit(classifier, data, data, run(tmp_path, settings))


def test_images_of_one_colour_can_be_normalised(tmp_path: Path) -> None:
    data = Split(
        "train", torch.full((4, 3, 8, 8), 200, dtype=torch.uint8), torch.tensor([0, 1, 0, 1]), []
    )
    classifier = untrained(data, MANIFEST)
    fit(classifier, data, data, run(tmp_path, parse({"epochs": "1"})))
    assert classifier.probabilities(data.images).isfinite().all()


def test_batches_without_a_class_are_learned_like_others(tmp_path: Path) -> None:
    data, settings = split(), parse({"epochs": "1", "batch_size": "2"})
    classifier = untrained(
        data, Manifest(["dark", "light", "third"], drawn=True, fingerprint="f", images=[])
    )
    fit(classifier, data, data, run(tmp_path, settings))
    assert classifier.probabilities(data.images).isfinite().all()


def test_the_learning_rate_rises_and_falls_to_zero() -> None:
    rates = [one_cycle(step / 100) for step in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[20] == 1
    assert rates[100] == 0
