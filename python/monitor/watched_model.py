"""The model that answered, and what it was measured on: read from its model.tar.gz, whose code is not run."""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from container.evaluation import baseline
from container.evaluation.baseline import REMEDY, Baseline, BaselineError
from container.serving import inference
from container.serving.classifier import Classifier

WEIGHTS = "model.pt"


@dataclass(frozen=True)
class WatchedModel:
    """The classifier as it is served, its baseline, and a name for it."""

    name: str
    classifier: Classifier
    baseline: Baseline


def read(tarball: Path, name: str = "") -> WatchedModel:
    """The model in a model.tar.gz; called by the tarball's SHA-256 where no `name` is given.

    Raises:
        BaselineError: it was not written by our training, or by one that wrote other features.
    """
    with tempfile.TemporaryDirectory() as folder, tarball.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        # Only these two, under names of our own: nothing else that a tarball may hold can do anything.
        unpack(file, (WEIGHTS, baseline.FILE), Path(folder))
        if not (Path(folder) / WEIGHTS).exists():
            raise BaselineError(
                "The model has no baseline to compare with, since our training did not write it: drift is not measured "
                'for the built-in algorithm\'s models. Use one of "make train" without ALGORITHM.'
            )
        if not (Path(folder) / baseline.FILE).exists():
            raise BaselineError(
                f"The model has no {baseline.FILE}: an older training wrote it. {REMEDY}"
            )
        expected = baseline.read(Path(folder) / baseline.FILE)
        try:
            classifier = inference.model_fn(folder)
        except Exception as error:  # torch raises errors of every kind for what it did not write
            reason = f"{type(error).__name__}, {str(error).partition(chr(10))[0]}"
            raise BaselineError(
                f"The model's {WEIGHTS} is not what this code trains: {reason}. {REMEDY}"
            ) from error
    return WatchedModel(name or f"sha256:{sha256[:12]}", classifier, expected)


def unpack(file: IO[bytes], names: tuple[str, ...], folder: Path) -> None:
    """Those files of `names` that lie at the root of the tarball, into `folder`."""
    try:
        with tarfile.open(fileobj=file, mode="r:gz") as tarball:
            for member in tarball:
                name = member.name.removeprefix("./")
                if member.isfile() and name in names and (content := tarball.extractfile(member)):
                    (folder / name).write_bytes(content.read())
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise BaselineError(f"The model's file is no model.tar.gz: {error}. {REMEDY}") from error
