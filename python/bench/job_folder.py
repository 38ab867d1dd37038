"""An archive's images in a training job's folder, as staging and SageMaker would put them there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from scones import cli
from scones.images import cache, cifar100, sources
from scones.images.manifest import KEY, Manifest
from scones.images.sources import Source
from scones.images.split import hold_out
from scones.images.staging import SPLITS

VALIDATION_SHARE = 0.1  # the default of the settings


def source_parser(prog: str, description: str) -> argparse.ArgumentParser:
    """Return a parser with the flags that name the images."""
    parser = argparse.ArgumentParser(prog=prog, description=description, allow_abbrev=False)
    parser.add_argument(
        "--source",
        default="sample",
        help="sample, cifar100, or a path or URL of an archive like it",
    )
    parser.add_argument("--classes", nargs="+", default=["bicycle", "motorcycle"])
    return parser


def resolve_source(name: str) -> Source:
    """Return the archive; print whether its images are drawn.

    Raises:
        UserError: it is not an archive, or cannot be downloaded.
    """
    source = sources.resolve(name, "", cache.folder())
    if source.origin.drawn:
        cli.result("The images are a drawn sample, not photographs.")
    return source


def lay_out(
    base: Path,
    source: Source,
    classes: Sequence[str],
    hyperparameters: Mapping[str, object],
) -> None:
    """Write a job's channels and hyperparameters into `base`; their seed splits the images.

    Raises:
        UserError: the archive is not one, or lacks a class.
    """
    seed = int(str(hyperparameters.get("seed", 0)))
    archive = cifar100.read(source.archive)
    dataset = hold_out(archive.only(classes), VALIDATION_SHARE, seed)
    images = {
        f"{split}/{image.name}": image.png() for split in SPLITS for image in dataset.splits[split]
    }
    manifest = Manifest.of(dataset, images, source.origin, "bench", seed)
    files = {f"input/data/{key}": png for key, png in images.items()}
    files[f"input/data/manifest/{KEY}"] = manifest.as_json()
    strings = {name: str(value) for name, value in hyperparameters.items()}
    files["input/config/hyperparameters.json"] = json.dumps(strings).encode()
    for name, content in files.items():
        file = base / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
