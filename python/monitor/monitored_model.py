"""The served model with its baseline, read from model.tar.gz without running the code in it."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from container.evaluation import baseline
from container.evaluation.baseline import REMEDY, Baseline, BaselineError
from container.serving import inference
from container.serving.classifier import Classifier
from monitor.tarball import TarballError, read_members

WEIGHTS = "model.pt"


@dataclass(frozen=True)
class MonitoredModel:
    """The classifier as it is served, its baseline, and a name for it."""

    name: str
    classifier: Classifier
    baseline: Baseline


def read_model(tarball: Path, name: str = "") -> MonitoredModel:
    """Read a model.tar.gz; without a `name`, its SHA-256 names the model.

    Raises:
        BaselineError: training did not write it, or wrote it with other features.
    """
    with tempfile.TemporaryDirectory() as temporary, tarball.open("rb") as file:
        folder = Path(temporary)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        # Only these two files, at fixed places: nothing else in a tarball can do any harm.
        try:
            contents = read_members(file, (WEIGHTS, baseline.FILE))
        except TarballError as error:
            raise BaselineError(f"The model's file {error}. {REMEDY}") from error
        for member, content in contents.items():
            (folder / member).write_bytes(content)
        if WEIGHTS not in contents:
            raise BaselineError(
                "The model has no baseline to compare with, since our training did not write it: "
                "drift is not measured for the built-in algorithm's models. "
                'Use a model of "make train" without ALGORITHM.'
            )
        if baseline.FILE not in contents:
            raise BaselineError(
                f"The model has no {baseline.FILE}: an older training wrote it. {REMEDY}"
            )
        expected = baseline.read(folder / baseline.FILE)
        try:
            classifier = inference.model_fn(temporary)
        except Exception as error:  # torch raises all kinds of errors for other files
            message = str(error).partition("\n")[0]
            raise BaselineError(
                f"The model's {WEIGHTS} was not written by this version of training: "
                f"{type(error).__name__}, {message}. {REMEDY}"
            ) from error
    return MonitoredModel(
        name or f"sha256:{sha256[:12]}",
        classifier,
        expected,
    )
