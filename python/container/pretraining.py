"""Learning from the images of other classes first: what wheels look like can be learned from buses as well.

The same network with another head learns them for a few epochs, in larger batches; then it gets its own head back. They
come as one file, which staging wrote (.npz with images, labels and classes, read without unpickling anything).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from container.checkpoints import Checkpoints
from container.dataset import Manifest, Split
from container.distributed import World
from container.errors import TrainingError
from container.job import Job, made
from container.serving.classifier import Classifier
from container.serving.network import Network
from container.settings import Settings

BATCH = 512
HELD_OUT = 50  # every so many-th image is not learned from but judged by
Fit = Callable[..., list[dict[str, float]]]


def prepare(
    classifier: Classifier,
    job: Job,
    manifest: Manifest,
    settings: Settings,
    fit: Fit,
    stopping: Callable[[], bool],
    world: World,
) -> dict[str, Any] | None:
    """Teach the classifier's network, in place, what the staged images of other classes show; None without any.

    Its checkpoints lie in a folder of their own, and the last one stays: a job that is interrupted later on takes this
    up at its end.

    Raises:
        TrainingError: the file is not the one that was staged.
    """
    staged = manifest.pretraining
    if staged is None or not settings.pretraining_epochs:
        return None
    with world.together():
        everything = read(job.channel("pretraining"), staged, set(manifest.classes))
    place = torch.arange(len(everything.labels))
    learned, judged = (
        Split(
            name,
            everything.images[chosen].to(world.device),
            everything.labels[chosen].to(world.device),
            [],
        )
        for name, chosen in (
            ("pretraining", place % HELD_OUT != 0),
            ("validation", place % HELD_OUT == 0),
        )
    )
    recipe = replace(settings, epochs=settings.pretraining_epochs, batch_size=BATCH)
    network = with_head(classifier.network, len(staged["classes"]))
    teacher = replace(classifier, network=network, classes=staged["classes"])
    checkpoints = Checkpoints(made(job.checkpoints / "pretraining"), f"{staged['sha256']} {recipe}")
    history = fit(teacher, learned, judged, recipe, checkpoints, stopping, world, "pretraining: ")
    body = {
        name: weight
        for name, weight in network.state_dict().items()
        if not name.startswith("head.")
    }
    classifier.network.load_state_dict(body, strict=False)
    return {
        "images": len(everything.labels),
        "classes": len(staged["classes"]),
        "epochs": len(history),
        "seconds": round(sum(epoch["seconds"] for epoch in history), 1),
    }


def with_head(network: Network, classes: int) -> Network:
    """A new network for so many classes, with the same whitening layer."""
    other = Network(classes, network.widths).to(network.head.weight.device)
    other.whitening.load_state_dict(network.whitening.state_dict())
    return other


def read(folder: Path, staged: dict[str, Any], ours: set[str]) -> Split:
    """The staged file's images, each checked to be of another class than `ours`. Raises TrainingError."""
    file = folder / Path(staged["key"]).name
    try:
        content = file.read_bytes()
    except OSError as error:
        raise TrainingError(f"{file.name} is in the manifest, but not in its channel.") from error
    if hashlib.sha256(content).hexdigest() != staged["sha256"]:
        raise TrainingError(
            f"{file.name} is not the file that was staged: its SHA-256 differs from the manifest's."
        )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            images, labels, classes = arrays["images"], arrays["labels"], arrays["classes"].tolist()
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise TrainingError(
            f"{file.name} is not one that staging writes: {error}. Stage the data again."
        ) from error
    fits = (
        images.dtype == np.uint8
        and images.ndim == 4
        and images.shape[1] == 3
        and len(images) == len(labels) > 0
    )
    if (
        not fits
        or labels.min() < 0
        or labels.max() >= len(classes)
        or classes != list(staged["classes"])
    ):
        raise TrainingError(
            f"{file.name} does not hold what its manifest says. Stage the data again."
        )
    if known := sorted(ours & set(classes)):
        raise TrainingError(
            f"{file.name} holds images of {', '.join(known)}, the classes to tell apart. Stage again."
        )
    return Split(
        "pretraining", torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64)), []
    )
