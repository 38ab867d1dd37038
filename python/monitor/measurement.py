"""Measures drift: the images that an endpoint received lately against its model's baseline.

Which model answered does not matter: the images of the window are given to the model in question.
Identical images count once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from container.evaluation import features
from container.serving.images import ImageError, pixels
from container.serving.inference import BATCH_TYPE, decode_instances
from monitor import drift
from monitor.drift import DriftResult, Finding
from monitor.latest_records import IMAGES, select_latest
from monitor.monitored_model import MonitoredModel
from monitor.records import Record


@dataclass
class DistinctImages:
    """Images by the SHA-256 of their bytes, uint8 [3, S, S] each.

    `repeated` counts the other copies, `unreadable` what is not an image.
    """

    pixels: dict[str, Tensor] = field(default_factory=dict)
    repeated: int = 0
    unreadable: int = 0


def measure_drift(
    records: Iterable[Record],
    model: MonitoredModel,
    images: int = IMAGES,
    alpha: float = drift.ALPHA,
    endpoint: str | None = None,
) -> DriftResult:
    """Compare the latest `images` records, of one endpoint if given, with the model's baseline.

    Raises:
        ValueError: alpha is out of range.
    """
    latest = select_latest(records, images, endpoint)
    distinct = distinct_images(latest, model.classifier.image_size)
    image_count = len(distinct.pixels)
    baseline_count = len(model.baseline.features)
    reason = too_few_images(image_count, baseline_count)
    findings: tuple[Finding, ...] = ()
    if reason:
        drifted = None
        sentences: Sequence[str] = [reason]
    else:
        window = features.extract(model.classifier, torch.stack(list(distinct.pixels.values())))
        findings = drift.compare(model.baseline, window, alpha)
        drifted = any(finding.drifted for finding in findings)
        sentences = [finding.sentence for finding in findings if finding.sentence] or [
            f"No change detected between {image_count} images and {baseline_count} of the baseline."
        ]
    times = [record.at for record in latest]
    endpoints = {record.endpoint for record in latest if record.endpoint}
    return DriftResult(
        drifted=drifted,
        alpha=alpha,
        images=image_count,
        baseline_images=baseline_count,
        records=len(latest),
        repeated=distinct.repeated,
        unreadable=distinct.unreadable,
        since=min(times, default=None),
        until=max(times, default=None),
        endpoint=endpoint or ", ".join(sorted(endpoints)) or None,
        model=model.name,
        sentences=tuple(sentences),
        tests=findings,
    )


def too_few_images(images: int, baseline_images: int) -> str | None:
    """Why there cannot be a verdict; None if there can."""
    if images < drift.LEAST_IMAGES:
        return f"No verdict: {images} distinct images; at least {drift.LEAST_IMAGES} are needed."
    if baseline_images < drift.LEAST_BASELINE:
        return (
            f"No verdict: training measured the model on {baseline_images} held-out images; "
            f"at least {drift.LEAST_BASELINE} are needed. "
            "Train on more images, or hold out a larger share."
        )
    return None


def distinct_images(records: Iterable[Record], size: int) -> DistinctImages:
    distinct = DistinctImages()
    for record in records:
        for content in request_images(record):
            digest = hashlib.sha256(content).hexdigest()
            if digest in distinct.pixels:
                distinct.repeated += 1
                continue
            try:
                distinct.pixels[digest] = pixels(content, size)
            except ImageError:
                distinct.unreadable += 1
    return distinct


def request_images(record: Record) -> Iterator[bytes]:
    """The images of a record's request; b"" for a batch that cannot be read."""
    body = record.body or b""
    content_type = (record.content_type or "").partition(";")[0]
    if content_type.strip().lower() != BATCH_TYPE:
        yield body
        return
    try:
        yield from decode_instances(body)
    except ImageError:
        yield b""
