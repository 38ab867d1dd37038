"""The network, at the sizes that data may give it."""

from __future__ import annotations

import pytest
import torch

from container.network import Network, widths_for


@pytest.mark.parametrize("size", [8, 11, 16, 32, 50, 96])
def test_pictures_of_any_size_from_8_pixels_on_get_one_logit_a_class(size: int) -> None:
    network = Network(classes=3, widths=widths_for(size))
    assert network(torch.rand(2, 3, size, size)).shape == (2, 3)


def test_pictures_of_32_pixels_take_about_half_a_million_weights() -> None:
    weights = sum(weight.numel() for weight in Network(2, widths_for(32)).parameters())
    assert 450_000 < weights < 550_000


def test_larger_pictures_are_halved_more_often() -> None:
    assert len(widths_for(64)) == len(widths_for(32)) + 1


def test_whitened_patches_are_uncorrelated_and_of_variance_one() -> None:
    torch.manual_seed(0)
    smooth = torch.nn.functional.avg_pool2d(torch.randn(200, 3, 34, 34), 3, stride=1)
    network = Network(2, widths_for(32))
    network.whiten(smooth)
    responses = network.whitening(smooth)[:, :12].permute(1, 0, 2, 3).flatten(1)
    torch.testing.assert_close(responses @ responses.T / responses.shape[1], torch.eye(12), atol=0.05, rtol=0)


def test_the_whitening_layer_is_not_trained() -> None:
    network = Network(2, widths_for(32))
    network(torch.rand(4, 3, 32, 32)).sum().backward()
    assert network.whitening.weight.grad is None
    assert network.head.weight.grad is not None
