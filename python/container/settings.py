"""The hyperparameters of a training job: argparse flags, which SageMaker hands over as a JSON object of strings."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from container.errors import TrainingError


@dataclass(frozen=True)
class Settings:
    epochs: int
    pretraining_epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    seed: int
    threshold: float | None
    target_precision: float


def parse(hyperparameters: Mapping[str, str], argv: Sequence[str] = ()) -> Settings:
    """The settings in `hyperparameters`, overruled by flags. Raises TrainingError for unknown names and odd values."""
    # The SDK adds entries of its own, all named sagemaker_…
    ours = [
        f"--{name}={value}"
        for name, value in hyperparameters.items()
        if not name.startswith("sagemaker_")
    ]
    return Settings(**vars(flags().parse_args([*ours, *argv])))


def flags() -> Parser:
    parser = Parser(prog="container.train", description="Train the classifier.", allow_abbrev=False)
    add = parser.add_argument
    add(
        "--epochs",
        default=150,
        type=number(int, 1, 10_000),
        help="times that every training image is seen",
    )
    add(
        "--pretraining_epochs",
        default=10,
        type=number(int, 0, 1000),
        help="on other classes, where those are staged",
    )
    add("--batch_size", default=64, type=number(int, 2, 65_536), help="images a step")
    add(
        "--learning_rate",
        default=0.005,
        type=number(float, 1e-6, 1),
        help="AdamW's, at its highest",
    )
    add(
        "--weight_decay",
        default=0.05,
        type=number(float, 0, 1),
        help="AdamW's, on weights of more than one dimension",
    )
    add("--seed", default=0, type=number(int, 0, 2**31 - 1), help="of everything random")
    add(
        "--threshold",
        default=None,
        type=number(float, 0, 1),
        help="confidence from which an answer is accepted",
    )
    add(
        "--target_precision",
        default=0.99,
        type=number(float, 0, 1),
        help="of the threshold found where none is given",
    )
    return parser


def number(kind: Callable[[str], float], least: float, most: float) -> Callable[[str], float]:
    def parsed(text: str) -> float:
        try:
            value = kind(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is no {kind.__name__}") from error
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least:,} and {most:,}")
        return value

    return parsed


class Parser(argparse.ArgumentParser):
    """One whose complaint is an exception, so that the job's failure tells it."""

    def error(self, message: str) -> NoReturn:
        raise TrainingError(f"A hyperparameter is wrong: {message}.")
