"""The gradients of a batch on a CPU: each of two threads computes those of one share.

Torch's own threads divide every convolution and wait for each other busily in between. Beside
other work on the same cores, two of them took seven times the CPU time of one. Threads that meet
once a step take 1.05 times that of one, however busy the machine is (docs/training.md).

There are two shares whatever the number of threads, so that one core and two train the same model.
Batch norm uses the statistics of a share, as it does with several processes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor, nn

SHARES = 2
LEAST_IMAGES = 16  # in a share, for batch norm

Loss = Callable[[nn.Module, Tensor, Tensor], Tensor]


class Shares:
    """Computes gradients of `loss(network, images, targets)`, a mean over the images.

    Where a batch is divided, torch's own threads are only as many as cores are left for each
    thread, until `close`. Otherwise the batch is one share, which the caller's thread computes.
    """

    def __init__(self, network: nn.Module, loss: Loss, divided: bool) -> None:
        self._cores = torch.get_num_threads()
        self._loss = loss
        self._networks = [network]
        self._weights = [weight for weight in network.parameters() if weight.requires_grad]
        threads = min(SHARES, self._cores) if divided else 1
        own_threads = self._cores // threads
        torch.set_num_threads(own_threads)
        self._pool = ThreadPoolExecutor(threads, "share", torch.set_num_threads, (own_threads,))
        if divided:
            # The copies have the weights of the network itself, and batch norms of their own.
            parameters = {id(weight): weight for weight in network.parameters()}
            self._networks += [copy.deepcopy(network, dict(parameters)) for _ in range(1, SHARES)]

    def close(self) -> None:
        """End the threads, and give torch's own all cores again."""
        self._pool.shutdown()
        torch.set_num_threads(self._cores)

    def train(self) -> None:
        """Set the networks to training mode."""
        for network in self._networks:
            network.train()

    def backward(self, images: Tensor, targets: Tensor, weight: float) -> Tensor:
        """Set the gradients of the loss times `weight`; return the loss times `weight`."""
        count = len(self._networks)
        if count == 1 or len(images) < count * LEAST_IMAGES:
            loss = self._loss(self._networks[0], images, targets) * weight
            loss.backward()
            return loss.detach()
        parts = [
            self._pool.submit(self._gradients, network, part, labels, len(part) / len(images))
            for network, part, labels in zip(
                self._networks, images.chunk(count), targets.chunk(count), strict=True
            )
        ]
        losses, gradients = zip(*(part.result() for part in parts), strict=True)
        for parameter, *shares in zip(self._weights, *gradients, strict=True):
            parameter.grad = torch.stack(shares).sum(0) * weight
        return torch.stack(losses).sum() * weight

    def average_buffers(self) -> None:
        """Set batch norm's running statistics to the mean of all shares'."""
        for buffers in zip(*(network.buffers() for network in self._networks), strict=True):
            if len(buffers) > 1 and buffers[0].is_floating_point():
                mean = torch.stack(buffers).mean(0)
                for buffer in buffers:
                    buffer.copy_(mean)

    def _gradients(
        self, network: nn.Module, images: Tensor, targets: Tensor, portion: float
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        loss = self._loss(network, images, targets) * portion
        return loss.detach(), torch.autograd.grad(loss, self._weights)
