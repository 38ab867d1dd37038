"""An archive's images in a folder laid out like a training job's, as staging and SageMaker would put them there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from scones.images import cifar100
from scones.images.manifest import KEY, Manifest
from scones.images.sources import Source
from scones.images.split import hold_out
from scones.images.staging import SPLITS

VALIDATION_SHARE = 0.1  # as the settings have it unless they say otherwise


def lay_out(
    base: Path, source: Source, classes: Sequence[str], hyperparameters: Mapping[str, object]
) -> Manifest:
    """Write the channels and the hyperparameters of a job into `base`; the seed among them also splits the images.

    Raises:
        UserError: the archive is none, or lacks a class.
    """
    seed = int(str(hyperparameters.get("seed", 0)))
    dataset = hold_out(cifar100.read(source.archive).only(classes), VALIDATION_SHARE, seed)
    pngs = {
        f"{split}/{image.name}": image.png() for split in SPLITS for image in dataset.splits[split]
    }
    manifest = Manifest.of(dataset, pngs, source.origin, "bench", seed)
    files = {f"input/data/{key}": png for key, png in pngs.items()}
    files[f"input/data/manifest/{KEY}"] = manifest.as_json()
    strings = {name: str(value) for name, value in hyperparameters.items()}
    files["input/config/hyperparameters.json"] = json.dumps(strings).encode()
    for name, content in files.items():
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_bytes(content)
    return manifest
