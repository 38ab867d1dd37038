"""What an endpoint was shown lately, against what its model was made for.

Which model answered does not matter: the pictures of the window are seen by the one that is asked about. A picture that
came several times counts once, as nothing is learned from seeing it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from container.evaluation import features
from container.serving.images import ImageError, pixels
from container.serving.inference import BATCH_TYPE, instances
from monitor import drift
from monitor.drift import Finding
from monitor.newest import IMAGES, newest
from monitor.outcome import Drift
from monitor.records import Record
from monitor.watched_model import WatchedModel


def measure(
    records: Iterable[Record],
    model: WatchedModel,
    images: int = IMAGES,
    alpha: float = drift.ALPHA,
    endpoint: str | None = None,
) -> Drift:
    """Compare the newest `images` records, of one endpoint where one is named, with the model's baseline.

    Raises:
        ValueError: alpha cannot be tested.
    """
    chosen = newest(records, images, endpoint)
    seen = Seen.of(chosen, model.classifier.image_size)
    reason = too_few(seen.distinct, len(model.baseline.features))
    findings: tuple[Finding, ...] = ()
    if not reason:
        window = features.of(model.classifier, torch.stack(list(seen.distinct.values())))
        findings = drift.compare(model.baseline, window, alpha)
    drifted = None if reason else any(finding.drifted for finding in findings)
    times = [record.at for record in chosen]
    return Drift(
        drifted,
        alpha,
        images=len(seen.distinct),
        baseline_images=len(model.baseline.features),
        records=len(chosen),
        repeated=seen.repeated,
        unreadable=seen.unreadable,
        since=min(times, default=None),
        until=max(times, default=None),
        endpoint=endpoint
        or ", ".join(sorted({record.endpoint for record in chosen if record.endpoint}))
        or None,
        model=model.name,
        sentences=(reason,)
        if reason
        else told(findings, len(seen.distinct), len(model.baseline.features)),
        tests=findings,
    )


def too_few(distinct: Mapping[str, Tensor], baseline_images: int) -> str | None:
    if len(distinct) < drift.LEAST_IMAGES:
        return f"No verdict: {len(distinct)} different pictures; {drift.LEAST_IMAGES} are the least to tell from."
    if baseline_images < drift.LEAST_BASELINE:
        return (
            f"No verdict: the model was measured on {baseline_images} held-out pictures when it was trained; "
            f"{drift.LEAST_BASELINE} are the least to tell from. Train on more images, or hold out a larger share."
        )
    return None


def told(findings: Iterable[Finding], images: int, baseline_images: int) -> tuple[str, ...]:
    changes = tuple(finding.sentence for finding in findings if finding.sentence)
    return changes or (
        f"Nothing has changed that {images} pictures beside {baseline_images} could show.",
    )


@dataclass(frozen=True)
class Seen:
    """Pictures by their bytes' SHA-256, uint8 [3, S, S] each, and how many more came again or are unreadable."""

    distinct: Mapping[str, Tensor]
    repeated: int
    unreadable: int

    @classmethod
    def of(cls, records: Iterable[Record], size: int) -> Seen:
        distinct: dict[str, Tensor] = {}
        repeated = unreadable = 0
        for content in (content for record in records for content in pictures(record)):
            try:
                name = hashlib.sha256(content).hexdigest()
                if name in distinct:
                    repeated += 1
                else:
                    distinct[name] = pixels(content, size)
            except ImageError:
                unreadable += 1
        return cls(distinct, repeated, unreadable)


def pictures(record: Record) -> Iterator[bytes]:
    """What a record's request holds: a picture, or several; nothing readable is empty."""
    body = record.body or b""
    if (record.content_type or "").partition(";")[0].strip().lower() != BATCH_TYPE:
        yield body
        return
    try:
        yield from instances(body)
    except ImageError:
        yield b""
