"""A batch that two threads learn from: the same step on one core and on two."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from container.shares import LEAST_IMAGES, Shares


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def images_loss(network: nn.Module, images: Tensor, targets: Tensor) -> Tensor:
    logits: Tensor = network(images)
    return cross_entropy(logits, targets)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(288, 2))


def batch(count: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.rand(count, 3, 8, 8, generator=generator), torch.arange(count) % 2


def step(net: nn.Module, count: int, divided: bool = True) -> tuple[Tensor, list[Tensor]]:
    """The loss of a batch, and the gradients of the network's weights."""
    shares = Shares(net, images_loss, divided)
    shares.train()
    loss = shares.backward(*batch(count), weight=1.0)
    shares.average_buffers()
    shares.close()
    return loss, [weight.grad for weight in net.parameters() if weight.grad is not None]


def test_one_core_and_two_take_the_same_step() -> None:
    steps = []
    for cores in (1, 2):
        torch.set_num_threads(cores)
        net = network()
        loss, gradients = step(net, 2 * LEAST_IMAGES)
        steps.append([loss, *gradients, *net.buffers()])
        assert torch.get_num_threads() == cores
    assert all(torch.equal(one, two) for one, two in zip(*steps, strict=True))


@pytest.mark.parametrize("count", [2 * LEAST_IMAGES, 2 * LEAST_IMAGES + 1])
def test_the_gradients_are_those_of_the_whole_batch(count: int) -> None:
    net = network()
    net[1] = nn.Identity()  # batch norm depends on the share
    whole_loss, whole = step(copy.deepcopy(net), count, divided=False)
    loss, divided = step(net, count)
    torch.testing.assert_close(loss, whole_loss)
    torch.testing.assert_close(divided, whole)


def test_batch_norm_keeps_the_mean_of_all_shares() -> None:
    net = network()
    halves = [copy.deepcopy(net).train() for _ in range(2)]
    for half, images in zip(halves, batch(2 * LEAST_IMAGES)[0].chunk(2), strict=True):
        half(images)
    step(net, 2 * LEAST_IMAGES)
    for kept, one, two in zip(net.buffers(), *(half.buffers() for half in halves), strict=True):
        torch.testing.assert_close(kept.float(), (one.float() + two.float()) / 2)


def test_a_batch_too_small_for_batch_norm_stays_whole() -> None:
    count = 2 * LEAST_IMAGES - 1
    net = network()
    whole_loss, whole = step(copy.deepcopy(net), count, divided=False)
    loss, gradients = step(net, count)
    assert torch.equal(loss, whole_loss)
    assert all(torch.equal(one, two) for one, two in zip(gradients, whole, strict=True))


def test_an_error_of_a_share_is_raised() -> None:
    shares = Shares(network(), images_loss, divided=True)
    images, targets = batch(2 * LEAST_IMAGES)
    with pytest.raises(IndexError, match="Target 5 is out of bounds"):
        shares.backward(images, targets + 5, weight=1.0)
