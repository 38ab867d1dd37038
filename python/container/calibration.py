"""Calibration: answers of a confidence of .93 are right 93 times in 100 (Guo et al. 2017)."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

PRIOR_TEMPERATURE = 0.7
PRIOR_SPREAD = 0.1  # of the temperature's logarithm


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The most likely temperature, given `logits` [N, classes] and `labels` [N] of held-out images.

    A hundred images say little about it, and nothing when every answer is right: from those of one
    fold of five, it was anywhere between 0.2 and 1.1. So there is a prior, a normal distribution of
    its logarithm. Its centre is the middle of what cross-validation of this recipe gave: 0.65 to
    0.76 in four runs.
    """
    temperatures = torch.logspace(math.log10(0.2), math.log10(5), 401, dtype=torch.double)
    distances = temperatures.log() - math.log(PRIOR_TEMPERATURE)
    prior = distances**2 / (2 * PRIOR_SPREAD**2)
    return most_likely(temperatures, prior, logits, labels)


def most_likely(temperatures: Tensor, prior: Tensor, logits: Tensor, labels: Tensor) -> float:
    """The temperature at which loss and `prior`, its negative logarithm, are least together."""
    logits, labels = logits.double().cpu(), labels.cpu()
    losses = [cross_entropy(logits / t, labels, reduction="sum") for t in temperatures]
    return float(temperatures[(torch.stack(losses) + prior).argmin()])
