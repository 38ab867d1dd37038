"""The temperature: the data's for many images, the prior's for few."""

from __future__ import annotations

import pytest
import torch

from container.calibration import PRIOR_TEMPERATURE, fit_temperature


def answers(count: int, overconfident: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits `overconfident` times as large as the truth behind the labels."""
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(count, 2, generator=generator)
    labels = torch.multinomial(logits.softmax(1), 1, generator=generator)[:, 0]
    return logits * overconfident, labels


@pytest.mark.parametrize("overconfident", [0.5, 1.0, 2.0])
def test_many_images_give_the_temperature_that_makes_probabilities_true(
    overconfident: float,
) -> None:
    assert fit_temperature(*answers(20_000, overconfident)) == pytest.approx(
        overconfident, rel=0.05
    )


def test_a_few_right_answers_do_not_make_it_certain() -> None:
    labels = torch.arange(10) % 2
    assert fit_temperature(5 * torch.eye(2)[labels], labels) > 0.8 * PRIOR_TEMPERATURE


def test_without_images_it_is_the_priors() -> None:
    assert fit_temperature(torch.empty(0, 2), torch.empty(0, dtype=torch.long)) == pytest.approx(
        PRIOR_TEMPERATURE, rel=0.01
    )
