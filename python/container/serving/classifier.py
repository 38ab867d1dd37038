"""A trained network with all that it takes to answer for a picture: normalisation, views, temperature, class names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from container.serving.network import Network


@dataclass(frozen=True)
class Classifier:
    """`mean` and `std` hold one number a colour, on the scale 0 to 1; `drawn` says that it never saw a photograph."""

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
        return torch.cat([self._logits(some) for some in images.split(AT_ONCE)])

    def _logits(self, images: Tensor) -> Tensor:
        seen = views(normalised(images, self.mean, self.std))
        answers: Tensor = self.network(seen).unflatten(0, (VIEWS, -1)).mean(0)
        return answers

    def probabilities(self, images: Tensor) -> Tensor:
        """Calibrated probabilities [N, classes] for uint8 `images` [N, 3, S, S]."""
        return (self.logits(images) / self.temperature).softmax(1)

    def save(self, path: Path) -> None:
        """Tensors and plain values only, so that any later or earlier torch loads it without running code."""
        state = {
            name: tensor.detach().cpu().contiguous()
            for name, tensor in self.network.state_dict().items()
        }
        known = {
            "classes": self.classes,
            "image_size": self.image_size,
            "mean": self.mean,
            "std": self.std,
        }
        known |= {"temperature": self.temperature, "drawn": self.drawn}
        torch.save(
            {"state_dict": state, "architecture": {"widths": self.network.widths}, **known}, path
        )

    @classmethod
    def load(cls, path: Path) -> Classifier:
        saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        network = Network(len(saved["classes"]), **saved.pop("architecture"))
        network.load_state_dict(saved.pop("state_dict"))
        return cls(network.eval(), **saved)


AT_ONCE = 256  # images: what fits into any machine's memory, whatever the number
VIEWS = 2


def views(images: Tensor) -> Tensor:
    """The pictures themselves, then mirrored: [2 N, 3, S, S].

    Out of fold they are as likely right as six views, shifted as well (docs/training.md), in less than half the time.
    """
    return torch.cat((images, images.flip(-1)))


def normalised(images: Tensor, mean: list[float], std: list[float]) -> Tensor:
    """uint8 [N, 3, S, S] as floats of mean 0 and variance 1 a colour."""
    centre = torch.tensor(mean, device=images.device)[:, None, None]
    spread = torch.tensor(std, device=images.device)[:, None, None]
    return (images.float() / 255 - centre) / spread
