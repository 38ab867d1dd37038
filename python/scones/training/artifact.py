"""A job's model.tar.gz: read for what it says about itself, never unpacked to disk."""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from botocore.exceptions import ClientError

from scones.errors import UserError
from scones.training.handover import Metrics

GONE = {"404", "NoSuchBucket", "NoSuchKey"}
METRICS_FILE = "metrics.json"


@dataclass(frozen=True)
class Artifact:
    """The SHA-256 of the tarball, and what our script measured; the built-in algorithm leaves no such figures."""

    sha256: str
    metrics: Metrics | None
    probes: Mapping[str, list[float]]


def exists(s3: Any, url: str) -> bool:
    """Whether the object at an s3:// URL is there."""
    try:
        s3.head_object(**_address(url))
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        return False
    return True


def read(s3: Any, url: str, has_metrics: bool, received: Callable[[int], None] = lambda _bytes: None) -> Artifact:
    """Download the tarball at an s3:// URL and read it; `received` is told how many bytes came.

    Raises:
        UserError: there is no such object, or it holds no metrics where `has_metrics` says it must.
    """
    with tempfile.TemporaryFile() as file:
        try:
            s3.download_fileobj(*_address(url).values(), file, Callback=received)
        except ClientError as error:
            if error.response["Error"]["Code"] not in GONE:
                raise
            raise UserError(f'There is no model at {url}. Run "make train RETRAIN=1" to make another.') from None
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if not has_metrics:
            return Artifact(sha256, None, {})
        file.seek(0)
        metrics, probes = _measured(_member(file, url), url)
    return Artifact(sha256, metrics, probes)


def _address(url: str) -> dict[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def _member(file: IO[bytes], url: str) -> bytes:
    """The content of the metrics file at the root of the tarball, which names it with or without "./"."""
    try:
        with tarfile.open(fileobj=file, mode="r:gz") as tarball:
            for member in tarball:
                if member.isfile() and member.name.removeprefix("./") == METRICS_FILE:
                    content = tarball.extractfile(member)
                    return content.read() if content else b""
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise UserError(
            f"{url} is not a model.tar.gz: {error}. Look at what the training script writes to its model folder."
        ) from None
    raise UserError(f"{url} has no {METRICS_FILE}. The training script must write one into its model folder.")


def _measured(content: bytes, url: str) -> tuple[Metrics, dict[str, list[float]]]:
    try:
        metrics = json.loads(content)
        test = metrics["test"]
        measured = Metrics(
            validation_accuracy=metrics["validation"]["accuracy"],
            test_accuracy=test["accuracy"],
            test_ece=test["ece"],
            test_accepted=test["accepted"],
            test_accepted_accuracy=test["accepted_accuracy"],
            test_images=test["images"],
        )
        return measured, {key: list(probabilities) for key, probabilities in metrics["probes"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"The {METRICS_FILE} in {url} is not what training writes: {type(error).__name__} {error}. "
            "Mend the training script."
        ) from None
