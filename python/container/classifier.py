"""A trained network with all that it takes to answer for a picture: normalisation, views, temperature, class names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from container.network import Network


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
        """Mean logits [N, classes] of six views of `images`, uint8 [N, 3, S, S]."""
        return torch.cat([self._logits(some) for some in images.split(AT_ONCE)])

    def _logits(self, images: Tensor) -> Tensor:
        seen = views(normalised(images, self.mean, self.std))
        answers: Tensor = self.network(seen.flatten(0, 1)).unflatten(0, seen.shape[:2])
        return (answers * torch.tensor(WEIGHTS)[:, None, None]).sum(0)

    def probabilities(self, images: Tensor) -> Tensor:
        """Calibrated probabilities [N, classes] for uint8 `images` [N, 3, S, S]."""
        return (self.logits(images) / self.temperature).softmax(1)

    def save(self, path: Path) -> None:
        """Tensors and plain values only, so that any later or earlier torch loads it without running code."""
        state = {name: tensor.detach().cpu().contiguous() for name, tensor in self.network.state_dict().items()}
        known = {"classes": self.classes, "image_size": self.image_size, "mean": self.mean, "std": self.std}
        known |= {"temperature": self.temperature, "drawn": self.drawn}
        torch.save({"state_dict": state, "architecture": {"widths": self.network.widths}, **known}, path)

    @classmethod
    def load(cls, path: Path) -> Classifier:
        saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        network = Network(len(saved["classes"]), **saved.pop("architecture"))
        network.load_state_dict(saved.pop("state_dict"))
        return cls(network.eval(), **saved)


VIEWS = 6
AT_ONCE = 256  # images: what fits into any machine's memory, whatever the number
WEIGHTS = (0.25, 0.25, 0.125, 0.125, 0.125, 0.125)


def views(images: Tensor) -> Tensor:
    """The picture itself and moved a pixel both ways along the diagonal, each also mirrored: [6, N, 3, S, S]."""
    size = images.shape[-1]
    padded = pad(images, (1, 1, 1, 1), mode="reflect")
    ahead, back = padded[..., :size, :size], padded[..., 2:, 2:]
    return torch.stack([view for image in (images, ahead, back) for view in (image, image.flip(-1))])


def normalised(images: Tensor, mean: list[float], std: list[float]) -> Tensor:
    """uint8 [N, 3, S, S] as floats of mean 0 and variance 1 a colour."""
    centre = torch.tensor(mean, device=images.device)[:, None, None]
    spread = torch.tensor(std, device=images.device)[:, None, None]
    return (images.float() / 255 - centre) / spread
