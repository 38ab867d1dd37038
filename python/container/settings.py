"""The hyperparameters of a training job: flags, or a JSON object of strings."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from container.errors import TrainingError


@dataclass(frozen=True)
class Settings:
    """Every hyperparameter with its default. FLAGS holds its limits and its help text."""

    epochs: int = 150
    pretraining_epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 0.005
    weight_decay: float = 0.05
    seed: int = 0
    threshold: float | None = None
    target_precision: float = 0.99


class Parser(argparse.ArgumentParser):
    """Raises TrainingError instead of exiting, so that the job's failure has the message."""

    def error(self, message: str) -> NoReturn:
        raise TrainingError(f"A hyperparameter is wrong: {message}.")


def number(kind: Callable[[str], float], least: float, most: float) -> Callable[[str], float]:
    """Return an argparse type for numbers from `least` to `most`."""

    def parse_number(text: str) -> float:
        try:
            value = kind(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is not of type {kind.__name__}") from error
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least:,} and {most:,}")
        return value

    return parse_number


MAX_SEED = 2**31 - 1
FLAGS = {
    "epochs": (number(int, 1, 10_000), "passes over the training images"),
    "pretraining_epochs": (number(int, 0, 1000), "passes over images of other classes, if staged"),
    "batch_size": (number(int, 2, 65_536), "images a step"),
    "learning_rate": (number(float, 1e-6, 1), "AdamW's, at its highest"),
    "weight_decay": (number(float, 0, 1), "AdamW's, on weights of more than one dimension"),
    "seed": (number(int, 0, MAX_SEED), "of everything random"),
    "threshold": (number(float, 0, 1), "confidence from which an answer is accepted"),
    "target_precision": (
        number(float, 0, 1),
        "share of accepted answers to be right, where no threshold is set",
    ),
}


def parse(hyperparameters: Mapping[str, str], argv: Sequence[str] = ()) -> Settings:
    """Return the settings in `hyperparameters`; flags overrule them.

    Raises:
        TrainingError: a name is unknown, or a value is out of its limits.
    """
    parser = Parser(prog="container.train", description="Train the classifier.", allow_abbrev=False)
    for name, (kind, text) in FLAGS.items():
        parser.add_argument(f"--{name}", default=getattr(Settings, name), type=kind, help=text)
    flags = [
        f"--{name}={value}"
        for name, value in hyperparameters.items()
        if not name.startswith("sagemaker_")  # entries that the SDK adds
    ]
    return Settings(**vars(parser.parse_args([*flags, *argv])))
