"""The network, at the image sizes that data may have."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from container.serving.network import Network, fold_batch_norm, widths_for


@pytest.mark.parametrize("size", [8, 11, 16, 32, 50, 96])
def test_images_of_any_size_from_8_pixels_on_get_one_logit_a_class(size: int) -> None:
    network = Network(classes=3, widths=widths_for(size))
    assert network(torch.rand(2, 3, size, size)).shape == (2, 3)


def test_images_of_32_pixels_take_about_half_a_million_weights() -> None:
    weights = sum(weight.numel() for weight in Network(2, widths_for(32)).parameters())
    assert 450_000 < weights < 550_000


def test_larger_images_are_halved_more_often() -> None:
    assert len(widths_for(64)) == len(widths_for(32)) + 1


def test_whitened_patches_are_uncorrelated_and_of_variance_one() -> None:
    torch.manual_seed(0)
    smooth = torch.nn.functional.avg_pool2d(torch.randn(200, 3, 34, 34), 3, stride=1)
    network = Network(2, widths_for(32))
    network.whiten(smooth)
    responses = network.whitening(smooth)[:, :12].permute(1, 0, 2, 3).flatten(1)
    torch.testing.assert_close(
        responses @ responses.T / responses.shape[1], torch.eye(12), atol=0.05, rtol=0
    )


def test_the_whitening_layer_is_not_trained() -> None:
    network = Network(2, widths_for(32))
    network(torch.rand(4, 3, 32, 32)).sum().backward()
    assert network.whitening.weight.grad is None
    assert network.head.weight.grad is not None


@pytest.mark.parametrize("least", [0.5, -0.5])
def test_folded_for_inference_it_gives_the_same_answers_for_scales_of_any_sign(
    least: float,
) -> None:
    torch.manual_seed(0)
    network = Network(3, widths_for(32)).eval()
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.weight.data.uniform_(least, 1.5)
        norm.bias.data.normal_()
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    inference, images = fold_batch_norm(network), torch.randn(4, 3, 32, 32)
    torch.testing.assert_close(inference(images), network(images), atol=1e-5, rtol=1e-5)
    left = sum(isinstance(module, nn.BatchNorm2d) for module in inference.modules())
    assert left == (0 if least > 0 else len(norms) // 2)
