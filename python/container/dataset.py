"""The staged images of one split as a single uint8 tensor, each checked against the manifest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from container.errors import TrainingError
from container.serving.images import ImageError, pixels
from container.serving.network import SMALLEST_SIZE


@dataclass(frozen=True)
class Manifest:
    """What was staged: class names in the order of their labels, and the images of every split."""

    classes: list[str]
    drawn: bool
    fingerprint: str
    images: list[dict[str, Any]]
    pretraining: dict[str, Any] | None = None

    @classmethod
    def read(cls, path: Path) -> Manifest:
        try:
            content = json.loads(path.read_bytes())
            given = {name: content[name] for name in ("classes", "drawn", "fingerprint", "images")}
            manifest = cls(**given, pretraining=content.get("pretraining"))
        except OSError as error:
            raise TrainingError(f"The manifest cannot be read: {error}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise TrainingError(
                f"The manifest is not one that staging writes: {error!r}."
            ) from error
        if len(manifest.classes) < 2:
            raise TrainingError(
                f"The manifest names {len(manifest.classes)} class; two are the least to tell apart."
            )
        return manifest


@dataclass(frozen=True)
class Split:
    """`images` are uint8 [N, 3, S, S], `labels` [N] index the manifest's classes; what was read: `files`, `sha256`."""

    name: str
    images: Tensor
    labels: Tensor
    files: list[Path]
    sha256: list[str] = field(default_factory=list)

    def key(self, index: int) -> str:
        """An image's key in the data bucket."""
        return f"{self.name}/{self.files[index].name}"

    def to(self, device: torch.device) -> Split:
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))


def read(name: str, folder: Path, manifest: Manifest) -> Split:
    """The split `name` from `folder`, in the manifest's order. Raises TrainingError that names the file at fault."""
    listed = [image for image in manifest.images if image["key"].startswith(f"{name}/")]
    labels = {image["label"] for image in listed}
    if absent := [known for label, known in enumerate(manifest.classes) if label not in labels]:
        raise TrainingError(
            f"The {name} split has no image of {', '.join(absent)}; stage a source that has some."
        )
    files = [folder / image["key"].removeprefix(f"{name}/") for image in listed]
    images = [picture(file, image["sha256"]) for file, image in zip(files, listed, strict=True)]
    shape = images[0].shape
    for file, image in zip(files, images, strict=True):
        if image.shape != shape or shape[1] != shape[2] or shape[1] < SMALLEST_SIZE:
            rule = f"images must be square, {SMALLEST_SIZE} pixels or more, and all of one size"
            raise TrainingError(
                f"{name}/{file.name} is {image.shape[2]} by {image.shape[1]} pixels; {rule}."
            )
    labels_read = torch.tensor([image["label"] for image in listed])
    return Split(
        name, torch.stack(images), labels_read, files, [image["sha256"] for image in listed]
    )


def picture(file: Path, sha256: str) -> Tensor:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise TrainingError(f"{file.name} is in the manifest, but not in its channel.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise TrainingError(
            f"{file.name} is not the file that was staged: its SHA-256 differs from the manifest's."
        )
    try:
        return pixels(content)
    except ImageError as error:
        raise TrainingError(f"{file.name} is damaged: {error}") from error
