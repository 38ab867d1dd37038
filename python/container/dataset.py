"""The staged images of one split as a single uint8 tensor, each checked against the manifest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from container.errors import TrainingError
from container.json_object import JsonObject
from container.serving.images import ImageError, pixels
from container.serving.network import SMALLEST_SIZE


@dataclass(frozen=True)
class Manifest:
    """The staged data: class names in the order of their labels, and the images of every split."""

    classes: list[str]
    drawn: bool
    fingerprint: str
    images: list[JsonObject]
    pretraining: JsonObject | None = None

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest in its channel. Raises TrainingError."""
        try:
            content = json.loads((folder / "manifest.json").read_bytes())
            names = ("classes", "drawn", "fingerprint", "images")
            required = {name: content[name] for name in names}
            manifest = cls(**required, pretraining=content.get("pretraining"))
        except OSError as error:
            raise TrainingError(f"The manifest cannot be read: {error}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise TrainingError(
                f"The manifest is not one that staging writes: {error!r}."
            ) from error
        if len(manifest.classes) < 2:
            raise TrainingError(
                f"The manifest names {len(manifest.classes)} class; at least two are needed."
            )
        return manifest


@dataclass(frozen=True)
class Split:
    """Images, uint8 [N, 3, S, S], and labels [N], which index the manifest's classes.

    `files` and `sha256` say where the images were read from.
    """

    name: str
    images: Tensor
    labels: Tensor
    files: list[Path] = field(default_factory=list)
    sha256: list[str] = field(default_factory=list)

    def key(self, index: int) -> str:
        """An image's key in the data bucket."""
        return f"{self.name}/{self.files[index].name}"

    def to(self, device: torch.device) -> Split:
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))

    def select(self, name: str, rows: Tensor) -> Split:
        """The images at some indices or of a mask, as another split that is not backed by files."""
        return Split(name, self.images[rows], self.labels[rows])


def read(name: str, folder: Path, manifest: Manifest) -> Split:
    """Read a split from its channel in the manifest's order.

    Raises:
        TrainingError: a class or a file is missing, or an image is wrong; it names which.
    """
    entries = [entry for entry in manifest.images if entry["key"].startswith(f"{name}/")]
    labels = [entry["label"] for entry in entries]
    absent = [known for label, known in enumerate(manifest.classes) if label not in labels]
    if absent:
        raise TrainingError(
            f"The {name} split has no image of {', '.join(absent)}; stage a source that has some."
        )
    files = [folder / entry["key"].removeprefix(f"{name}/") for entry in entries]
    hashes = [entry["sha256"] for entry in entries]
    images: list[Tensor] = []
    for file, sha256 in zip(files, hashes, strict=True):
        content = read_staged(file, sha256)
        try:
            image = pixels(content)
        except ImageError as error:
            raise TrainingError(f"{file.name} is damaged: {error}") from error
        images.append(image)
        _, height, width = image.shape
        if image.shape != images[0].shape or height != width or height < SMALLEST_SIZE:
            raise TrainingError(
                f"{name}/{file.name} is {width} by {height} pixels; images must be square, "
                f"{SMALLEST_SIZE} pixels or more, and all of one size."
            )
    return Split(name, torch.stack(images), torch.tensor(labels), files, hashes)


def read_staged(file: Path, sha256: str) -> bytes:
    """Return the content of a staged file. Raises TrainingError if it is missing or another one."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise TrainingError(f"{file.name} is in the manifest, but not in its channel.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise TrainingError(
            f"{file.name} is not the file that was staged: its SHA-256 differs from the manifest's."
        )
    return content
