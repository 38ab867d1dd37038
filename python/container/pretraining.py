"""Images of other classes, which a network learns first: buses show what wheels look like.

Staging wrote them into one file (.npz with images, labels and classes, read without unpickling).
The same network learns them under another head, in larger batches; then it gets its own head back.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from container.checkpoints import Checkpoints, History, Run
from container.dataset import Manifest, Split, read_staged
from container.errors import TrainingError
from container.job import Job, ensure_folder
from container.json_object import JsonObject
from container.serving.classifier import Classifier
from container.serving.network import Network

BATCH = 512
HELD_OUT = 50  # one image in so many is held out for validation

Fit = Callable[[Classifier, Split, Split, Run], History]


def pretrain(
    classifier: Classifier,
    job: Job,
    manifest: Manifest,
    run: Run,
    fit: Fit,
) -> JsonObject | None:
    """Train the classifier's network, in place, on the staged images of other classes, if any.

    The same network learns them under another head, in larger batches. Its checkpoints have a
    folder of their own, and the last one stays: a job that is interrupted later on starts from it.
    """
    staged = manifest.pretraining
    if staged is None or not run.settings.pretraining_epochs:
        return None
    world = run.world
    with world.share_errors():
        images = read(job.channel("pretraining"), staged, set(manifest.classes))
    held_out = torch.arange(len(images.labels)) % HELD_OUT == 0
    settings = replace(run.settings, epochs=run.settings.pretraining_epochs, batch_size=BATCH)
    folder = ensure_folder(job.checkpoints / "pretraining")
    network = with_head(classifier.network, len(staged["classes"]))
    history = fit(
        replace(classifier, network=network, classes=staged["classes"]),
        images.select("pretraining", ~held_out).to(world.device),
        images.select("validation", held_out).to(world.device),
        replace(
            run,
            settings=settings,
            checkpoints=Checkpoints(folder, f"{staged['sha256']} {settings}"),
            title="pretraining: ",
        ),
    )
    weights = network.state_dict()
    body = {name: weight for name, weight in weights.items() if not name.startswith("head.")}
    classifier.network.load_state_dict(body, strict=False)
    return {
        "images": len(images.labels),
        "classes": len(staged["classes"]),
        "epochs": len(history),
        "seconds": round(sum(epoch["seconds"] for epoch in history), 1),
    }


def read(folder: Path, staged: JsonObject, ours: set[str]) -> Split:
    """Read the staged file from its channel.

    Raises:
        TrainingError: it is not the staged file, or holds images of the classes `ours`.
    """
    file = folder / Path(staged["key"]).name
    content = read_staged(file, staged["sha256"])
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            images = arrays["images"]
            labels = arrays["labels"]
            classes = arrays["classes"].tolist()
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise TrainingError(
            f"{file.name} is not one that staging writes: {error}. Stage the data again."
        ) from error
    are_images = images.dtype == np.uint8 and images.ndim == 4 and images.shape[1] == 3
    are_labelled = len(images) == len(labels) > 0 and set(labels) <= set(range(len(classes)))
    if not are_images or not are_labelled or classes != list(staged["classes"]):
        raise TrainingError(
            f"{file.name} does not hold what its manifest says. Stage the data again."
        )
    overlap = sorted(ours & set(classes))
    if overlap:
        raise TrainingError(
            f"{file.name} holds images of {', '.join(overlap)}, which the model is trained for. "
            "Stage the data again."
        )
    return Split("pretraining", torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64)))


def with_head(network: Network, classes: int) -> Network:
    """Return a new network for so many classes, with the same whitening layer."""
    other = Network(classes, network.widths).to(network.head.weight.device)
    other.whitening.load_state_dict(network.whitening.state_dict())
    return other
