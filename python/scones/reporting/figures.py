"""The figures of a report as plain values, which report.json holds and the page shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil

import numpy as np

from scones.json_object import JsonObject
from scones.reporting.image_table import OUTCOMES, Floats, ImageTable, Mask
from scones.reporting.traffic import NONE, Source

Figures = JsonObject
Group = tuple[str | None, int, Mask]  # a model, its number of classes, and its images
DIGITS = 6
HISTOGRAM_BINS = 25
LEAST_SPANS, MOST_SPANS = 12, 60  # of a timeline
# Lengths of a timeline's spans in seconds, from a second to a week.
SPAN_LENGTHS = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10800, 21600, 43200),
    *(86400, 172800, 604800),
)


def summary(table: ImageTable, classes: Sequence[str]) -> JsonObject:
    """The number of images, their outcomes, classes, confidence and latency."""
    everything = np.ones(len(table), bool)
    confidence = table.confidence[table.answered]
    captured = np.array([source.captured for source in table.sources], bool)
    first = last = None
    if len(table):
        first = iso_time(table.at.min())
        last = iso_time(table.at.max())
    executions = None
    if table.executed.any():
        executions = outcome_counts(table, table.executed)
    return {
        "images": len(table),
        "first": first,
        "last": last,
        **outcome_counts(table, everything),
        "executions": executions,
        "uncaptured": int((~captured[table.source]).sum()),
        "errors": {
            name: int((table.error == error_id).sum()) for error_id, name in enumerate(table.errors)
        },
        "classes": class_counts(table, everything, classes),
        "confidence": {
            "mean": mean(confidence),
            **quantiles(confidence, p10=0.1, p50=0.5),
        },
        "latency_ms": latency(table, everything),
    }


def outcome_counts(table: ImageTable, chosen: Mask) -> dict[str, int]:
    """The number of chosen images by outcome."""
    counts = np.bincount(table.outcome[chosen], minlength=len(OUTCOMES))
    return dict(zip(OUTCOMES, counts.tolist(), strict=True))


def class_counts(table: ImageTable, chosen: Mask, classes: Sequence[str]) -> dict[str, int]:
    """The number of chosen images by answered class: those in `classes`, and others that occur."""
    labels = table.label[chosen & (table.label != NONE)]
    counts = np.bincount(labels, minlength=len(table.class_names))
    return {
        name: int(count)
        for name, count in zip(table.class_names, counts, strict=True)
        if count or name in classes
    }


def latency(table: ImageTable, chosen: Mask) -> dict[str, float | int | None] | None:
    """The durations of the chosen images' executions in milliseconds; None if none is known."""
    milliseconds = table.milliseconds[chosen & ~np.isnan(table.milliseconds)]
    if not len(milliseconds):
        return None
    return {
        "images": len(milliseconds),
        **quantiles(milliseconds, p50=0.5, p95=0.95),
        "longest": round_figure(milliseconds.max()),
    }


def source_rows(
    table: ImageTable,
    endpoint: str | None,
    model: str | None,
    model_since: datetime | None,
) -> list[JsonObject]:
    """The images by endpoint, variant and model, as far as these can be distinguished.

    Where answers do not say which model gave them, models differ in their number of classes, and
    `endpoint` serves `model` only since `model_since`.
    """
    rows = []
    for source_id, source in enumerate(table.sources):
        of_source = table.source == source_id
        groups = _attributed_groups(table, of_source)
        if groups:
            of_source &= (table.model == NONE) & (table.class_count != 0)
        spans: list[tuple[str | None, Mask]] = [(None, of_source)]
        if source.captured and source.endpoint == endpoint:
            spans = [(model, of_source)]
            if model and model_since:
                current = table.at >= model_since.timestamp()
                spans = [(f"before {model}", of_source & ~current), (model, of_source & current)]
        groups += _unattributed_groups(table, of_source, spans)
        rows += [
            _source_row(table, chosen, source, name, count)
            for name, count, chosen in groups
            if chosen.any()
        ]
    return rows


def _attributed_groups(table: ImageTable, of_source: Mask) -> list[Group]:
    """The images of every model that says in its answers who it is."""
    groups: list[Group] = []
    for model_id, name in enumerate(table.models):
        chosen = of_source & (table.model == model_id)
        if chosen.any():
            count = int(table.class_count[chosen].max())
            if not groups:
                # Images without an answer are listed with the first model: theirs is unknown.
                chosen |= of_source & (table.class_count == 0)
            groups.append((name, count, chosen))
    return groups


def _unattributed_groups(
    table: ImageTable,
    of_source: Mask,
    spans: list[tuple[str | None, Mask]],
) -> list[Group]:
    """The images by number of classes, and by model as far as the time tells."""
    groups: list[Group] = []
    counts = [int(count) for count in np.unique(table.class_count[of_source]) if count] or [0]
    for count in counts:
        of_count = table.class_count == count
        if count == counts[0]:
            of_count |= table.class_count == 0  # as above
        groups += [(name, count, of_span & of_count) for name, of_span in spans]
    return groups


def _source_row(
    table: ImageTable,
    chosen: Mask,
    source: Source,
    model: str | None,
    class_count: int,
) -> JsonObject:
    confidence = table.confidence[chosen & table.answered]
    return {
        "endpoint": source.endpoint,
        "variant": source.variant,
        "captured": source.captured,
        "model": model,
        "classes": class_count or None,
        "images": int(chosen.sum()),
        **outcome_counts(table, chosen),
        "confidence": mean(confidence),
        "first": iso_time(table.at[chosen].min()),
        "last": iso_time(table.at[chosen].max()),
    }


def timeline(
    table: ImageTable,
    classes: Sequence[str],
    most_spans: int | None = None,
) -> JsonObject:
    """The figures of time spans of equal length, without the spans that have no images.

    By default there are between LEAST_SPANS and MOST_SPANS, depending on the number of images.
    """
    if not len(table):
        return {"seconds": None, "spans": []}
    if most_spans is None:
        most_spans = min(MOST_SPANS, max(LEAST_SPANS, len(table) // 5))
    seconds = span_length(float(table.at.max() - table.at.min()), most_spans)
    span_numbers = np.floor(table.at / seconds).astype(np.int64)
    spans = []
    for number in np.unique(span_numbers):
        chosen = span_numbers == number
        confidence = table.confidence[chosen & table.answered]
        spans.append(
            {
                "from": iso_time(float(number) * seconds),
                "images": int(chosen.sum()),
                **outcome_counts(table, chosen),
                "classes": class_counts(table, chosen, classes),
                "confidence": quantiles(confidence, p10=0.1, p50=0.5, p90=0.9),
                "latency_ms": latency(table, chosen),
            }
        )
    return {"seconds": seconds, "spans": spans}


def span_length(seconds: float, most_spans: int) -> int:
    """The length of the shortest spans of which at most `most_spans` cover `seconds`."""
    for length in SPAN_LENGTHS:
        if seconds / length + 1 <= most_spans:
            return length
    weeks = ceil(seconds / SPAN_LENGTHS[-1] / (most_spans - 1))
    return SPAN_LENGTHS[-1] * max(1, weeks)


def histogram(table: ImageTable) -> JsonObject | None:
    """The distribution of confidence by answered class; None without answers."""
    answered = table.answered
    if not answered.any():
        return None
    lowest = np.floor(table.confidence[answered].min() * 10) / 10
    edges = np.linspace(min(0.9, lowest), 1, HISTOGRAM_BINS + 1)
    classes = {}
    for class_id, name in enumerate(table.class_names):
        confidence = table.confidence[answered & (table.label == class_id)]
        if len(confidence):
            counts, _ = np.histogram(confidence, edges)
            classes[name] = counts.tolist()
    return {"edges": [round_figure(edge) for edge in edges], "classes": classes}


def mean(values: Floats | Mask) -> float | None:
    """The mean, or the share of a mask that is true; None without values."""
    return round_figure(values.mean()) if len(values) else None


def quantiles(values: Floats, **shares: float) -> dict[str, float | None]:
    """Quantiles by name; None without values."""
    if not len(values):
        return dict.fromkeys(shares)
    results = np.quantile(values, list(shares.values()))
    return {name: round_figure(value) for name, value in zip(shares, results, strict=True)}


def iso_time(seconds: float) -> str:
    """Seconds since 1970 in ISO 8601, in UTC."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="auto")
    return text.replace("+00:00", "Z")


def round_figure(value: float) -> float:
    return round(float(value), DIGITS)
