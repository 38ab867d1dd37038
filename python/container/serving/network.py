"""The network: a small convolutional net for images of about 32 pixels, half a million weights.

Its shape follows Keller Jordan's cifar10-airbench: a first convolution that whitens patches of 2 by
2 pixels, then groups of two convolutions, each group halving the image, then the strongest response
anywhere decides.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu
from torch.nn.utils.fusion import fuse_conv_bn_eval

PATCH = 2
DIRECTIONS = 3 * PATCH * PATCH
FIRST_WIDTH, WIDTH = 32, 128
SMALLEST_SIZE = 8

POOLED_NORM, SECOND = 2, 4  # positions in a group: its first batch norm, its second convolution


class Network(nn.Module):
    """Normalised images [N, 3, S, S] in, logits [N, classes] out."""

    def __init__(self, classes: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.widths = list(widths)
        self.whitening = nn.Conv2d(3, 2 * DIRECTIONS, PATCH)
        self.whitening.weight.requires_grad_(False)
        inputs = [2 * DIRECTIONS, *widths[:-1]]
        self.groups = nn.Sequential(*map(group, inputs, widths))
        self.head = nn.Linear(widths[-1], classes)
        # Twice as fast as colour after colour, on CPU and GPU.
        nn.utils.convert_conv2d_weight_memory_format(self, torch.channels_last)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.head(self.embedding(images))
        return logits

    def embedding(self, images: Tensor) -> Tensor:
        """The input of the head: [N, last width]."""
        images = images.contiguous(memory_format=torch.channels_last)
        features: Tensor = self.groups(gelu(self.whitening(images)))
        return features.amax((2, 3))

    @torch.no_grad()
    def whiten(self, images: Tensor) -> None:
        """Set the first layer so that patches of `images` leave it uncorrelated, in both signs."""
        patches = images.unfold(2, PATCH, 1).unfold(3, PATCH, 1)
        patches = patches.permute(0, 2, 3, 1, 4, 5).reshape(-1, DIRECTIONS)
        variances, directions = torch.linalg.eigh(patches.T @ patches / len(patches))
        # The smallest variances are mostly noise: the constant limits how much they are amplified.
        filters = (directions / (variances + 5e-4).sqrt()).T
        filters = filters.reshape(DIRECTIONS, 3, PATCH, PATCH)
        self.whitening.weight.copy_(torch.cat((filters, -filters)))
        if self.whitening.bias is not None:
            self.whitening.bias.zero_()


def fold_batch_norm(network: Network) -> Network:
    """Return a copy for inference whose batch norms are part of the convolutions before them.

    It gives the same answers. Between a group's first convolution and its batch norm lies
    max-pooling, which may trade places with the batch norm unless a scale is negative.
    """
    network = copy.deepcopy(network).eval()
    layers: Any
    for layers in network.groups:
        if (layers[POOLED_NORM].weight > 0).all():
            layers[0] = fuse_conv_bn_eval(layers[0], layers[POOLED_NORM])
            layers[POOLED_NORM] = nn.Identity()
        layers[SECOND] = fuse_conv_bn_eval(layers[SECOND], layers[SECOND + 1])
        layers[SECOND + 1] = nn.Identity()
    return network


def widths_for(image_size: int) -> list[int]:
    """Channels of each group for images `image_size` pixels square.

    The groups halve the image until 3 by 3 pixels or slightly more are left.
    """
    groups = max(2, int(math.log2(image_size)) - 2)
    return [FIRST_WIDTH] + [WIDTH] * (groups - 1)


def group(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        convolution(inputs, outputs),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(outputs, momentum=0.2),
        nn.GELU(),
        convolution(outputs, outputs),
        nn.BatchNorm2d(outputs, momentum=0.2),
        nn.GELU(),
    )


def convolution(inputs: int, outputs: int) -> nn.Conv2d:
    layer = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    # Passing the input on unchanged (the first `inputs` filters) is a better start than noise.
    nn.init.dirac_(layer.weight.data[:inputs])
    return layer
