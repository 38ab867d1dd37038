"""Training pictures that were never taken: mirrored, shifted, in other light, and blended with one another.

All on a whole batch at once, normalised pictures [N, 3, S, S], on whatever device they lie.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

SHIFT = 3 / 32
COLOUR = 0.2
BLENDED = 0.5


def vary(images: Tensor) -> Tensor:
    """Mirror half of the pictures, shift all by up to three pixels in 32, and change contrast, saturation and light."""
    return recolour(shift(mirror(images)))


def mirror(images: Tensor) -> Tensor:
    return torch.where(chance(images) < 0.5, images.flip(3), images)


def shift(images: Tensor) -> Tensor:
    """Each picture moved by its own offset; what moves in is the reflection at the edge."""
    count, channels, height, width = images.shape
    reach = max(1, round(SHIFT * width))
    padded = pad(images, (reach,) * 4, mode="reflect")
    device = images.device
    top, left = torch.randint(0, 2 * reach + 1, (2, count, 1), device=device)
    rows = (top + torch.arange(height, device=device))[:, None, :, None]
    columns = (left + torch.arange(width, device=device))[:, None, None, :]
    picture = torch.arange(count, device=device)[:, None, None, None]
    return padded[picture, torch.arange(channels, device=device)[:, None, None], rows, columns]


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


def chance(images: Tensor, channels: int = 1) -> Tensor:
    return torch.rand(len(images), channels, 1, 1, device=images.device)
