"""The figures of a report as plain values, which report.json holds and the page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any

import numpy as np

from container.evaluation import metrics
from scones.reporting.joined import ACCEPTED, OUTCOMES, Floats, Images, Mask
from scones.reporting.traffic import NONE, Source

Figures = Mapping[str, Any]
DIGITS = 6
HISTOGRAM_BINS = 25
LEAST_SPANS, MOST_SPANS = 12, 60  # of time, in a chart
# Seconds that people divide time into.
STEPS = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10800,
    21600,
    43200,
    86400,
    172800,
    604800,
)


def overall(images: Images, classes: Sequence[str]) -> dict[str, Any]:
    """How many pictures there were, how they ended, what they show and how surely."""
    everything = np.ones(len(images), bool)
    known = images.confidence[~np.isnan(images.confidence)]
    uncaptured = [place for place, source in enumerate(images.sources) if not source.captured]
    return {
        "images": len(images),
        "first": moment(images.at.min()) if len(images) else None,
        "last": moment(images.at.max()) if len(images) else None,
        **endings(images, everything),
        "executions": endings(images, images.executed) if images.executed.any() else None,
        "uncaptured": int(np.isin(images.source, uncaptured).sum()),
        "errors": {
            name: int((images.error == number).sum()) for number, name in enumerate(images.errors)
        },
        "classes": mix(images, everything, classes),
        "confidence": {
            "mean": rounded(known.mean()) if len(known) else None,
            **quantiles(known, p10=0.1, p50=0.5),
        },
        "latency_ms": latency(images, everything),
    }


def endings(images: Images, chosen: Mask) -> dict[str, int]:
    """How many of the chosen pictures ended how."""
    counts = np.bincount(images.outcome[chosen], minlength=len(OUTCOMES))
    return {name: int(count) for name, count in zip(OUTCOMES, counts, strict=True)}


def mix(images: Images, chosen: Mask, classes: Sequence[str]) -> dict[str, int]:
    """How many of the chosen pictures were answered with each class: those asked for, and others that came up."""
    counts = np.bincount(images.label[chosen & (images.label != NONE)], minlength=len(images.names))
    return {
        name: int(count)
        for name, count in zip(images.names, counts, strict=True)
        if count or name in classes
    }


def latency(images: Images, chosen: Mask) -> dict[str, float | int | None] | None:
    """Milliseconds that the chosen executions took; None where none is known."""
    took = images.milliseconds[chosen & ~np.isnan(images.milliseconds)]
    if not len(took):
        return None
    return {
        "images": len(took),
        **quantiles(took, p50=0.5, p95=0.95),
        "longest": rounded(took.max()),
    }


def sources(
    images: Images, endpoint: str | None, model: str | None, since: datetime | None
) -> list[dict[str, Any]]:
    """The pictures by endpoint, variant and model, as far as these can be told apart.

    Two models differ in their number of classes, or in that `endpoint` serves the `model` only `since` then.
    """
    table = []
    for place, source in enumerate(images.sources):
        widths = [int(one) for one in np.unique(images.width[images.source == place]) if one] or [0]
        for width in widths:
            # What has no answer goes with the first model: nothing tells whose it is.
            wanted = [width, 0] if width == widths[0] else [width]
            chosen = (images.source == place) & np.isin(images.width, wanted)
            ours = source.captured and source.endpoint == endpoint
            for name, part in _by_model(images, model if ours else None, since):
                if (chosen & part).any():
                    table.append(_of_source(images, chosen & part, source, name, width))
    return table


def _by_model(
    images: Images, model: str | None, since: datetime | None
) -> list[tuple[str | None, Mask]]:
    """The names of the models of an endpoint, each with what it can have answered."""
    if model is None or since is None:
        return [(model, np.ones(len(images), bool))]
    current = images.at >= since.timestamp()
    return [(f"before {model}", ~current), (model, current)]


def _of_source(
    images: Images, chosen: Mask, source: Source, model: str | None, width: int
) -> dict[str, Any]:
    known = images.confidence[chosen & ~np.isnan(images.confidence)]
    return {
        "endpoint": source.endpoint,
        "variant": source.variant,
        "captured": source.captured,
        "model": model,
        "classes": width or None,
        "images": int(chosen.sum()),
        **endings(images, chosen),
        "confidence": rounded(known.mean()) if len(known) else None,
        "first": moment(images.at[chosen].min()),
        "last": moment(images.at[chosen].max()),
    }


def timeline(images: Images, classes: Sequence[str], most: int | None = None) -> dict[str, Any]:
    """The same figures for spans of time of equal length, at most so many; those without pictures are left out.

    By default, few pictures are put into few spans.
    """
    most = most or min(MOST_SPANS, max(LEAST_SPANS, len(images) // 5))
    if not len(images):
        return {"seconds": None, "spans": []}
    step = step_of(float(images.at.max() - images.at.min()), most)
    number = np.floor(images.at / step).astype(np.int64)
    spans = []
    for one in np.unique(number):
        chosen = number == one
        known = images.confidence[chosen & ~np.isnan(images.confidence)]
        spans.append(
            {
                "from": moment(float(one) * step),
                "images": int(chosen.sum()),
                **endings(images, chosen),
                "classes": mix(images, chosen, classes),
                "confidence": quantiles(known, p10=0.1, p50=0.5, p90=0.9),
                "latency_ms": latency(images, chosen),
            }
        )
    return {"seconds": step, "spans": spans}


def step_of(seconds: float, most: int) -> int:
    """The length of a span of time, so that at most so many cover `seconds`."""
    whole = (step for step in STEPS if seconds / step + 1 <= most)
    return next(whole, STEPS[-1] * max(1, ceil(seconds / STEPS[-1] / (most - 1))))


def histogram(images: Images) -> dict[str, Any] | None:
    """How many answers of each class had which confidence; None without answers."""
    known = ~np.isnan(images.confidence)
    if not known.any():
        return None
    lowest = min(0.9, np.floor(images.confidence[known].min() * 10) / 10)
    edges = np.linspace(lowest, 1, HISTOGRAM_BINS + 1)
    return {
        "edges": [rounded(edge) for edge in edges],
        "classes": {
            name: np.histogram(images.confidence[known & (images.label == number)], edges)[
                0
            ].tolist()
            for number, name in enumerate(images.names)
            if (known & (images.label == number)).any()
        },
    }


def truth(images: Images) -> dict[str, Any] | None:
    """How good the answers are whose truth is known; None where none is."""
    judged = images.judged
    if not judged.any():
        return None
    right, confidence = (images.label == images.truth)[judged], images.confidence[judged]
    accepted = images.outcome[judged] == ACCEPTED
    bins = reliability(confidence, right)
    counts = metrics.confusion(images.truth[judged], images.label[judged], len(images.names))
    present = np.flatnonzero(counts.sum(0) + counts.sum(1))
    return {
        "images": int(judged.sum()),
        "accuracy": rounded(right.mean()),
        "accuracy_interval": [rounded(end) for end in metrics.wilson(int(right.sum()), len(right))],
        "accepted_accuracy": rounded(right[accepted].mean()) if accepted.any() else None,
        "unsure_accuracy": rounded(right[~accepted].mean()) if (~accepted).any() else None,
        "ece": rounded(metrics.calibration_error(bins) or 0.0),
        "classes": [images.names[number] for number in present],
        "confusion": counts[np.ix_(present, present)].tolist(),
        "reliability": bins,
    }


def reliability(confidence: Floats, right: Mask) -> list[dict[str, float]]:
    """Return the bins of `metrics.reliability` with rounded figures."""
    bins = metrics.reliability(confidence, right)
    return [
        {
            "confidence": rounded(group["confidence"]),
            "accuracy": rounded(group["accuracy"]),
            "images": group["images"],
        }
        for group in bins
    ]


def quantiles(values: Floats, **wanted: float) -> dict[str, float | None]:
    """Quantiles by name; None of no values."""
    found = np.quantile(values, list(wanted.values())) if len(values) else [None] * len(wanted)
    return {
        name: None if one is None else rounded(one) for name, one in zip(wanted, found, strict=True)
    }


def moment(seconds: float) -> str:
    """Seconds since 1970 in ISO 8601, in UTC; with a fraction only where there is one."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="auto").replace("+00:00", "Z")


def rounded(value: float) -> float:
    return round(float(value), DIGITS)
