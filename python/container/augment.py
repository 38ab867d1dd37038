"""Training pictures that were never taken: mirrored, moved, turned, in other light, and blended with one another.

All on a whole batch at once, normalised pictures [N, 3, S, S], on whatever device they lie.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

# Each the most in either direction: of the width, degrees, and shares of the size and of height to width.
SHIFT = 3 / 32
TURN = 12
SCALE = 0.15
STRETCH = 0.1
COLOUR = 0.2
BLENDED = 0.5


def vary(images: Tensor) -> Tensor:
    """Mirror half of the pictures, move all, turn and stretch half, and change contrast, saturation and light."""
    return recolour(warp(mirror(images)))


def mirror(images: Tensor) -> Tensor:
    return torch.where(chance(images) < 0.5, images.flip(3), images)


def warp(images: Tensor) -> Tensor:
    """Each picture moved by whole pixels, and half of them turned, scaled and stretched too, each by its own amount.

    What moves in is the reflection at the edge. The other half stays as sharp as it was.
    """
    size = images.shape[-1]
    angle, scale, stretch = uniform(images, 3) * (chance(images).flatten() < 0.5)
    angle, scale, stretch = angle * math.radians(TURN), 1 + scale * SCALE, 1 + stretch * STRETCH
    across, down = (
        (uniform(images, 2) * (SHIFT * size + 0.5)).round() * 2 / size
    )  # a picture is 2 wide: from -1 to 1
    rows = [
        torch.stack((angle.cos() * stretch, -angle.sin(), across), 1),
        torch.stack((angle.sin(), angle.cos() / stretch, down), 1),
    ]
    maps = torch.stack(rows, 1) * torch.stack((scale, scale, torch.ones_like(scale)), 1)[:, None]
    grid = affine_grid(maps, list(images.shape), align_corners=False)
    return grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def recolour(images: Tensor) -> Tensor:
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * (1 + jitter(images))
    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * (1 + jitter(images))
    return images + jitter(images) + jitter(images, channels=3) / 2


def blend(images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Half of the batches unchanged; a quarter blended by mixup (Zhang 2018), a quarter by cutmix (Yun 2019).

    `targets` [N, classes] are blended in the same proportion.
    """
    if torch.rand(()) >= BLENDED:
        return images, targets
    partners = torch.randperm(len(images), device=images.device)
    if torch.rand(()) < 0.5:
        kept = float(torch.distributions.Beta(0.2, 0.2).sample())
        images = kept * images + (1 - kept) * images[partners]
    else:
        images, kept = paste(images, images[partners])
    return images, kept * targets + (1 - kept) * targets[partners]


def paste(images: Tensor, others: Tensor) -> tuple[Tensor, float]:
    """One square cut from `others` over `images`, of uniform random area; also the share of the area that was kept."""
    size = images.shape[-1]
    half = int(size * torch.rand(()).sqrt()) // 2
    y, x = torch.randint(0, size, (2,)).tolist()
    rows, columns = slice(max(y - half, 0), y + half), slice(max(x - half, 0), x + half)
    images = images.clone()
    images[:, :, rows, columns] = others[:, :, rows, columns]
    return images, 1 - images[0, 0, rows, columns].numel() / size**2


def jitter(images: Tensor, channels: int = 1) -> Tensor:
    return (chance(images, channels) * 2 - 1) * COLOUR


def uniform(images: Tensor, numbers: int) -> Tensor:
    """As many `numbers` between -1 and 1 for each picture: [numbers, N]."""
    return torch.rand(numbers, len(images), device=images.device) * 2 - 1


def chance(images: Tensor, channels: int = 1) -> Tensor:
    return torch.rand(len(images), channels, 1, 1, device=images.device)
