"""Augmented training images: mirrored, moved, turned, in other light, and blended with one another.

Every function works on a whole batch at once: normalised images [N, 3, S, S], on any device.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

# The largest change in either direction.
SHIFT = 3 / 32  # of the width
TURN = math.radians(12)
SCALE = 0.15  # of the size
STRETCH = 0.1  # of height to width
COLOUR = 0.2
BLENDED = 0.5  # share of the batches


def augment(images: Tensor) -> Tensor:
    """Mirror half of the images, move all, turn and stretch half, and change the colours of all."""
    return recolour(warp(mirror(images)))


def mirror(images: Tensor) -> Tensor:
    return torch.where(chance(images) < 0.5, images.flip(3), images)


def warp(images: Tensor) -> Tensor:
    """Move each image by whole pixels; also turn, scale and stretch half of them.

    Every image changes by its own amount. The reflection at the edge fills the border. The other
    half stays as sharp as it was.
    """
    size = images.shape[-1]
    changes = uniform(images, 3)
    angle, scale, stretch = changes * (chance(images).flatten() < 0.5)
    angle = angle * TURN
    scale = 1 + scale * SCALE
    stretch = 1 + stretch * STRETCH
    pixels = (uniform(images, 2) * (SHIFT * size + 0.5)).round()
    across, down = pixels * 2 / size  # affine_grid's images are 2 wide: from -1 to 1
    cosine = angle.cos()
    sine = angle.sin() * scale
    rows = [
        torch.stack((cosine * stretch * scale, -sine, across), 1),
        torch.stack((sine, cosine / stretch * scale, down), 1),
    ]
    grid = affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def recolour(images: Tensor) -> Tensor:
    """Change contrast, saturation and light of each image."""
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * (1 + jitter(images))
    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * (1 + jitter(images))
    return images + jitter(images) + jitter(images, channels=3) / 2


def blend(images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Blend a quarter of the batches by mixup (Zhang 2018), a quarter by cutmix (Yun 2019).

    Half of the batches are returned unchanged. `targets` [N, classes] are blended in the same
    proportion.
    """
    if torch.rand(()) >= BLENDED:
        return images, targets
    partners = torch.randperm(len(images), device=images.device)
    if torch.rand(()) < 0.5:
        share = float(torch.distributions.Beta(0.2, 0.2).sample())
        images = share * images + (1 - share) * images[partners]
    else:
        images, share = paste(images, images[partners])
    return images, share * targets + (1 - share) * targets[partners]


def paste(images: Tensor, others: Tensor) -> tuple[Tensor, float]:
    """Paste one square of `others` over `images`, of uniform random area.

    Also returns the share of the area that `images` keep.
    """
    size = images.shape[-1]
    half = int(size * torch.rand(()).sqrt()) // 2
    y, x = torch.randint(0, size, (2,)).tolist()
    rows = slice(max(y - half, 0), y + half)
    columns = slice(max(x - half, 0), x + half)
    images = images.clone()
    images[:, :, rows, columns] = others[:, :, rows, columns]
    pasted = images[0, 0, rows, columns].numel()
    return images, 1 - pasted / size**2


def jitter(images: Tensor, channels: int = 1) -> Tensor:
    return (chance(images, channels) * 2 - 1) * COLOUR


def uniform(images: Tensor, numbers: int) -> Tensor:
    """So many `numbers` between -1 and 1 for each image: [numbers, N]."""
    return torch.rand(numbers, len(images), device=images.device) * 2 - 1


def chance(images: Tensor, channels: int = 1) -> Tensor:
    """A number between 0 and 1 for each image and channel: [N, channels, 1, 1]."""
    return torch.rand(len(images), channels, 1, 1, device=images.device)
