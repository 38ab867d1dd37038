"""A job's model.tar.gz: its own metrics and predictions, read without unpacking it to disk."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import IO

from botocore.exceptions import ClientError

from monitor.tarball import TarballError, read_members
from scones.aws import call_or_none, is_not_found, split_s3_url
from scones.clients import S3Client
from scones.errors import UserError
from scones.handover import Metrics
from scones.json_object import JsonObject

METRICS_FILE = "metrics.json"
PREDICTIONS_FILE = "predictions.json"
CONTACT_SHEET_FILE = "contact-sheet.png"
REMEDY = (
    'If an older script wrote it, run "make train RETRAIN=1"; otherwise fix the training script.'
)
# What parsing a JSON document of another shape raises.
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError)


@dataclass(frozen=True)
class Prediction:
    """One test image, identified by the SHA-256 of its content: its class and the predicted one."""

    key: str
    sha256: str
    label: str
    predicted: str

    @property
    def correct(self) -> bool:
        return self.predicted == self.label


@dataclass(frozen=True)
class Artifact:
    """What a tarball holds; of the built-in algorithm's, only the SHA-256 is known.

    Attributes:
        threshold: the confidence from which an answer is accepted.
        probes: recorded probabilities of test images by key.
        predictions: the answers to the test images; None if it holds none.
        files: the bytes of metrics.json, predictions.json and contact-sheet.png.
    """

    sha256: str
    metrics: Metrics | None = None
    threshold: float | None = None
    probes: Mapping[str, list[float]] = field(default_factory=dict)
    predictions: tuple[Prediction, ...] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


def beside(url: str, name: str) -> tuple[str, str]:
    """Bucket and key of the file `name` beside the artifact at an s3:// URL."""
    bucket, key = split_s3_url(url)
    return bucket, f"{key.rpartition('/')[0]}/{name}"


def exists(s3: S3Client, url: str) -> bool:
    """Whether the object at an s3:// URL exists."""
    bucket, key = split_s3_url(url)
    return call_or_none(lambda: s3.head_object(Bucket=bucket, Key=key)) is not None


def read(
    s3: S3Client,
    url: str,
    has_metrics: bool,
    on_bytes: Callable[[int], None] | None = None,
) -> Artifact:
    """Download the tarball at an s3:// URL and read it; `on_bytes` gets each chunk's size.

    Raises:
        UserError: the object is missing, or `has_metrics` and the tarball lacks valid metrics.
    """
    with tempfile.TemporaryFile() as file:
        download(s3, url, file, on_bytes)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if not has_metrics:
            return Artifact(sha256)
        file.seek(0)
        try:
            files = read_members(file, {METRICS_FILE, PREDICTIONS_FILE, CONTACT_SHEET_FILE})
        except TarballError as error:
            raise UserError(
                f"{url} {error}. Look at what the training script writes to its model folder."
            ) from None
    for name in (METRICS_FILE, PREDICTIONS_FILE):
        if name not in files:
            raise UserError(f"{url} has no {name}. {REMEDY}")
    return _parse(sha256, files, url)


def read_predictions(s3: S3Client, url: str) -> tuple[Prediction, ...] | None:
    """The predictions in the tarball at an s3:// URL; None if it has none or is gone."""
    with tempfile.TemporaryFile() as file:
        try:
            download(s3, url, file)
            return _predictions(read_members(file, {PREDICTIONS_FILE})[PREDICTIONS_FILE])
        except (UserError, *MALFORMED):
            return None


def download(
    s3: S3Client,
    url: str,
    file: IO[bytes],
    on_bytes: Callable[[int], None] | None = None,
) -> None:
    """Write the object at an s3:// URL into `file`, and rewind it.

    Raises:
        UserError: the object is missing.
    """
    bucket, key = split_s3_url(url)
    try:
        s3.download_fileobj(bucket, key, file, Callback=on_bytes)
    except ClientError as error:
        if not is_not_found(error):
            raise
        raise UserError(
            f'There is no model at {url}. Run "make train RETRAIN=1" to train another.'
        ) from None
    file.seek(0)


def _parse(sha256: str, files: Mapping[str, bytes], url: str) -> Artifact:
    name = METRICS_FILE
    try:
        report = json.loads(files[METRICS_FILE])
        metrics = _metrics(report)
        threshold = float(report["threshold"])
        probes = {key: list(probabilities) for key, probabilities in report["probes"].items()}
        name = PREDICTIONS_FILE
        predictions = _predictions(files[PREDICTIONS_FILE])
    except MALFORMED as error:
        reason = f"{type(error).__name__} {error}"
        raise UserError(
            f"The {name} in {url} is not what training writes: {reason}. {REMEDY}"
        ) from None
    return Artifact(sha256, metrics, threshold, probes, predictions, files)


def _metrics(report: JsonObject) -> Metrics:
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
        own_threshold=report["own_threshold"],
        milliseconds=serving["milliseconds"],
        megabytes=serving["megabytes"],
    )


def _predictions(content: bytes) -> tuple[Prediction, ...]:
    """Parse a predictions.json; classes by name, as another model may number them otherwise."""
    raw = json.loads(content)
    classes = [str(name) for name in raw["classes"]]
    predictions = []
    for image in raw["images"]:
        _, predicted = max(
            zip(image["probabilities"], classes, strict=True),
            key=itemgetter(0),
        )
        label = classes[image["label"]]
        predictions.append(Prediction(str(image["key"]), str(image["sha256"]), label, predicted))
    return tuple(predictions)
