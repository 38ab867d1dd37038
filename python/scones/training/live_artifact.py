"""The live model's artifact on this machine: downloaded once, and kept by its content."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scones.aws import Account
from scones.errors import UserError
from scones.outputs import Outputs
from scones.progress import Progress
from scones.training import artifact, live_model

FOLDER = "models"


@dataclass(frozen=True)
class LiveArtifact:
    """The model's name, and its model.tar.gz."""

    name: str
    tarball: Path


def fetch(outputs: Outputs, account: Account, build: Path) -> LiveArtifact:
    """The artifact of the model that the endpoint serves, in the folder `build`/models.

    Raises:
        UserError: the endpoint serves none, or its artifact is gone.
    """
    name = live_model.serving(outputs.endpoint.name, account.client("sagemaker"))
    if name is None:
        raise UserError(
            f'The endpoint {outputs.endpoint.name} does not serve. Run "make apply" to bring it back.'
        )
    if outputs.model and outputs.model.name == name:
        url, sha256 = outputs.model.data_url, outputs.model.artifact_sha256
    else:  # after an apply that failed, the outputs tell of the model that did not start
        described = account.client("sagemaker").describe_model(ModelName=name)
        url, sha256 = str(described["PrimaryContainer"]["ModelDataUrl"]), ""
    return LiveArtifact(name, kept(account.client("s3"), url, sha256, build / FOLDER))


def kept(s3: Any, url: str, sha256: str, folder: Path) -> Path:
    """<folder>/<SHA-256>.tar.gz, downloaded from `url` unless it is there; an unknown hash is the empty one."""
    path = folder / f"{sha256}.tar.gz"
    if sha256 and path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{os.getpid()}.part"
    try:
        with draft.open("w+b") as file, Progress("Downloading the model", None, "B") as bar:
            artifact.download(s3, url, file, bar.add)
            path = folder / f"{hashlib.file_digest(file, 'sha256').hexdigest()}.tar.gz"
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path
