"""A job's model.tar.gz: read for what it says about itself, never unpacked to disk."""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from botocore.exceptions import ClientError

from scones.errors import UserError
from scones.handover import Metrics
from scones.training import predictions
from scones.training.predictions import Prediction

GONE = {"404", "NoSuchBucket", "NoSuchKey"}
METRICS_FILE = "metrics.json"
PREDICTIONS_FILE = "predictions.json"
CONTACT_SHEET_FILE = "contact-sheet.png"


@dataclass(frozen=True)
class Artifact:
    """The SHA-256 of the tarball, and what our script measured; the built-in algorithm leaves nothing of the kind.

    Attributes:
        threshold: the confidence from which an answer is accepted.
        predictions: its answer to every test image; None without any.
        files: what it tells about itself as it is: the bytes of metrics.json, predictions.json and contact-sheet.png.
    """

    sha256: str
    metrics: Metrics | None = None
    threshold: float | None = None
    probes: Mapping[str, list[float]] = field(default_factory=dict)
    predictions: tuple[Prediction, ...] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def report(self) -> Mapping[str, Any]:
        """All of metrics.json; empty without one."""
        return dict(json.loads(self.files[METRICS_FILE])) if METRICS_FILE in self.files else {}


def exists(s3: Any, url: str) -> bool:
    """Whether the object at an s3:// URL is there."""
    try:
        s3.head_object(**_address(url))
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        return False
    return True


def read(
    s3: Any, url: str, has_metrics: bool, received: Callable[[int], None] = lambda _bytes: None
) -> Artifact:
    """Download the tarball at an s3:// URL and read it; `received` is told how many bytes came.

    Raises:
        UserError: there is no such object, or it holds no metrics and predictions where `has_metrics` says it must.
    """
    with tempfile.TemporaryFile() as file:
        download(s3, url, file, received)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if not has_metrics:
            return Artifact(sha256)
        file.seek(0)
        files = _members(file, url, {METRICS_FILE, PREDICTIONS_FILE, CONTACT_SHEET_FILE})
    for name in (METRICS_FILE, PREDICTIONS_FILE):
        if name not in files:
            raise UserError(f"{url} has no {name}. {REMEDY}")
    return _measured(sha256, files, url)


def read_predictions(s3: Any, url: str) -> tuple[Prediction, ...] | None:
    """The predictions in the tarball at an s3:// URL; None where it holds none, or is not there any more."""
    with tempfile.TemporaryFile() as file:
        try:
            download(s3, url, file, lambda _bytes: None)
            content = _members(file, url, {PREDICTIONS_FILE})[PREDICTIONS_FILE]
            return predictions.parse(content)
        except (UserError, ValueError, KeyError, TypeError, IndexError):
            return None


REMEDY = (
    'If an older script wrote it, run "make train RETRAIN=1"; otherwise mend the training script.'
)


def download(s3: Any, url: str, file: IO[bytes], received: Callable[[int], None]) -> None:
    """Write the tarball at an s3:// URL into `file`, and go back to its beginning.

    Raises:
        UserError: there is no such object.
    """
    try:
        s3.download_fileobj(*_address(url).values(), file, Callback=received)
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        raise UserError(
            f'There is no model at {url}. Run "make train RETRAIN=1" to make another.'
        ) from None
    file.seek(0)


def _address(url: str) -> dict[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def _members(file: IO[bytes], url: str, names: Collection[str]) -> dict[str, bytes]:
    """The content of those files of `names` that lie at the root of the tarball, whose names may begin with "./"."""
    found = {}
    try:
        with tarfile.open(fileobj=file, mode="r:gz") as tarball:
            for member in tarball:
                name = member.name.removeprefix("./")
                if member.isfile() and name in names and (content := tarball.extractfile(member)):
                    found[name] = content.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise UserError(
            f"{url} is not a model.tar.gz: {error}. Look at what the training script writes to its model folder."
        ) from None
    return found


def _measured(sha256: str, files: Mapping[str, bytes], url: str) -> Artifact:
    name = METRICS_FILE
    try:
        report = json.loads(files[METRICS_FILE])
        metrics, threshold = _metrics(report), float(report["threshold"])
        probes = {key: list(probabilities) for key, probabilities in report["probes"].items()}
        name = PREDICTIONS_FILE
        answers = predictions.parse(files[PREDICTIONS_FILE])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise UserError(
            f"The {name} in {url} is not what training writes: {type(error).__name__} {error}. {REMEDY}"
        ) from None
    return Artifact(sha256, metrics, threshold, probes, answers, files)


def _metrics(report: Mapping[str, Any]) -> Metrics:
    test, serving = report["test"], report["serving"]
    low, high = test["accuracy_interval"]
    return Metrics(
        validation_accuracy=report["validation"]["accuracy"],
        test_accuracy=test["accuracy"],
        test_ece=test["ece"],
        test_accepted=test["accepted"],
        test_accepted_accuracy=test["accepted_accuracy"],
        test_images=test["images"],
        test_accuracy_low=low,
        test_accuracy_high=high,
        test_accepted_at_precision=test["accepted_at_precision"],
        own_threshold=report["own_threshold"],
        milliseconds=serving["milliseconds"],
        megabytes=serving["megabytes"],
    )
