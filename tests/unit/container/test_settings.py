"""Hyperparameters arrive as strings, and wrong ones end the job with a sentence."""

from __future__ import annotations

import pytest

from container.errors import TrainingError
from container.settings import parse


def test_strings_become_numbers() -> None:
    settings = parse({"epochs": "7", "learning_rate": "0.01"})
    assert (settings.epochs, settings.learning_rate) == (7, 0.01)


def test_a_missing_hyperparameter_has_a_default() -> None:
    assert parse({}).batch_size == 64


def test_a_flag_overrules_a_hyperparameter() -> None:
    assert parse({"epochs": "7"}, ["--epochs", "3"]).epochs == 3


def test_entries_that_the_sdk_adds_are_ignored() -> None:
    assert parse({"sagemaker_program": "x.py", "seed": "5"}).seed == 5


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("epochs", "0", "0 is not between 1 and 10,000"),
        ("epochs", "many", "'many' is not of type int"),
        ("learning_rate", "nan", "nan is not between"),
        ("learning_rate", "-1", "-1 is not between"),
        ("threshold", "1.5", "1.5 is not between 0 and 1"),
        ("epoch", "3", "unrecognized arguments: --epoch=3"),
    ],
)
def test_a_wrong_hyperparameter_is_named(name: str, value: str, reason: str) -> None:
    with pytest.raises(TrainingError) as caught:
        parse({name: value})
    assert name in str(caught.value)
    assert reason in str(caught.value)
