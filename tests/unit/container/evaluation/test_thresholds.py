"""A model's own threshold: the confidence from which enough answers are right."""

from __future__ import annotations

import torch

from container.evaluation.thresholds import HIGHEST, own_threshold


def answers(confidence: torch.Tensor) -> torch.Tensor:
    return torch.stack((confidence, 1 - confidence), 1)


def calibrated(images: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Answers that are right as often as they say, and the labels."""
    generator = torch.Generator().manual_seed(seed)
    confidence = 0.5 + 0.5 * torch.rand(images, generator=generator) ** 0.2
    wrong = torch.rand(images, generator=generator) > confidence
    return answers(confidence), wrong.long()


def test_of_many_images_the_answers_from_the_threshold_on_are_as_precise_as_asked() -> None:
    probabilities, labels = calibrated(20_000, seed=0)
    for target in (0.95, 0.98, 0.99):
        accepted = probabilities.amax(1) >= own_threshold(probabilities, labels, target)
        precision = (probabilities.argmax(1) == labels)[accepted].double().mean()
        assert abs(precision - target) < 0.003


def test_of_a_hundred_images_the_threshold_does_not_depend_on_chance() -> None:
    chosen = torch.tensor([own_threshold(*calibrated(100, seed), 0.98) for seed in range(40)])
    assert chosen.std() < 0.03


def test_when_all_answers_are_right_the_probabilities_still_count() -> None:
    confidence = torch.linspace(0.5, 0.999, 100)
    assert own_threshold(answers(confidence), torch.zeros(100, dtype=torch.long), 0.99) > 0.9


def test_when_no_answer_reaches_the_target_all_are_reviewed() -> None:
    assert (
        own_threshold(answers(torch.full((10,), 0.8)), torch.zeros(10, dtype=torch.long), 0.99)
        == HIGHEST
    )


def test_the_threshold_lies_below_one_even_where_answers_are_certain() -> None:
    assert (
        own_threshold(answers(torch.ones(10)), torch.zeros(10, dtype=torch.long), 0.99) == HIGHEST
    )
