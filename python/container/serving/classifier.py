"""A trained network with everything needed to classify an image.

That is its normalisation, its views, its temperature and its class names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from container.serving.network import Network

MAX_BATCH = 256  # images at a time: what fits into any machine's memory
VIEWS = 2


@dataclass(frozen=True)
class Classifier:
    """`mean` and `std` hold one number a colour, on the scale 0 to 1.

    `drawn` means that the training images were drawn, not photographs.
    """

    network: Network
    classes: list[str]
    image_size: int
    mean: list[float]
    std: list[float]
    temperature: float = 1.0
    drawn: bool = False

    @torch.inference_mode()
    def logits(self, images: Tensor) -> Tensor:
        """Mean logits [N, classes] of the views of `images`, uint8 [N, 3, S, S]."""
        return torch.cat([self._batch_logits(batch) for batch in images.split(MAX_BATCH)])

    def _batch_logits(self, images: Tensor) -> Tensor:
        seen = views(normalize(images, self.mean, self.std))
        return mean_of_views(self.network(seen))

    def probabilities(self, images: Tensor) -> Tensor:
        """Calibrated probabilities [N, classes] for uint8 `images` [N, 3, S, S]."""
        return (self.logits(images) / self.temperature).softmax(1)

    def save(self, path: Path) -> None:
        """Save tensors and plain values only, which any torch loads without running code."""
        weights = {
            name: tensor.detach().cpu().contiguous()
            for name, tensor in self.network.state_dict().items()
        }
        content = {
            "state_dict": weights,
            "architecture": {"widths": self.network.widths},
            "classes": self.classes,
            "image_size": self.image_size,
            "mean": self.mean,
            "std": self.std,
            "temperature": self.temperature,
            "drawn": self.drawn,
        }
        torch.save(content, path)

    @classmethod
    def load(cls, path: Path) -> Classifier:
        saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        network = Network(len(saved["classes"]), **saved.pop("architecture"))
        network.load_state_dict(saved.pop("state_dict"))
        return cls(network.eval(), **saved)


def views(images: Tensor) -> Tensor:
    """The images themselves, then mirrored: [2 N, 3, S, S].

    Out of fold they are right as often as six views, shifted as well (docs/training.md), in less
    than half the time.
    """
    return torch.cat((images, images.flip(-1)))


def mean_of_views(values: Tensor) -> Tensor:
    """The mean [N, …] of values [2 N, …] for `views` of N images."""
    mean: Tensor = values.unflatten(0, (VIEWS, -1)).mean(0)
    return mean


def normalize(images: Tensor, mean: list[float], std: list[float]) -> Tensor:
    """Return uint8 images [N, 3, S, S] as floats of mean 0 and variance 1 a colour."""
    centre = torch.tensor(mean, device=images.device)[:, None, None]
    spread = torch.tensor(std, device=images.device)[:, None, None]
    return (images.float() / 255 - centre) / spread
