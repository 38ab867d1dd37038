"""From the outcomes of test images to evaluation.json and its table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from container.evaluation import metrics
from scones.images.manifest import Entry
from scones.json_object import JsonObject
from scones.tables import Column, format_table
from scones.workflow import outcomes
from scones.workflow.outcomes import Outcome

SHOWN = 5  # failures, in full
MEASURES = ("accuracy", "accepted", "accepted_accuracy", "ece")
SUMMARY = """
accuracy           {accuracy}
accepted           {accepted}  (confidence of {threshold:g} and more)
accepted accuracy  {accepted_accuracy}
calibration error  {ece}
failures           {failures:5}
latency p50, p95   {p50} ms, {p95} ms
"""


@dataclass(frozen=True)
class Result:
    """A staged test image and the outcome of its execution."""

    image: Entry
    outcome: Outcome

    @property
    def failed(self) -> bool:
        """Whether there is no answer, neither an accepted nor an unsure one."""
        return self.outcome.status == "failed" or self.outcome.inferences is None


def choose(images: Sequence[Entry], limit: int | None) -> list[Entry]:
    """Return the first `limit` images, taken from each class in turn; all without a limit."""
    by_class: dict[int, list[Entry]] = defaultdict(list)
    for image in sorted(images, key=lambda image: (image.label, image.key)):
        by_class[image.label].append(image)
    # zip_longest fills the classes that have no image left with None.
    turns = zip_longest(*by_class.values())
    return [image for turn in turns for image in turn if image][:limit]


def summarize(results: Sequence[Result], classes: Sequence[str], **facts: Any) -> JsonObject:
    """Return the content of evaluation.json.

    Every measure is over the answers; a failure counts under `failures` and `errors` alone. Answers
    are read as the model that gave them means them; classes that `classes` lacks follow them.

    Args:
        classes: what the images show; their labels are indices into these.
        facts: what the results do not hold: threshold, seconds, drawn, model.
    """
    answered = [result for result in results if not result.failed]
    rows = [result.outcome.probabilities for result in answered]
    others = {name for row in rows for name in row}.difference(classes)
    names = [*classes, *sorted(others)]
    probabilities = np.array([[row.get(name, 0.0) for name in names] for row in rows], np.float64)
    labels = np.array([result.image.label for result in answered], np.int64)
    accepted = np.array([result.outcome.status == "accepted" for result in answered], np.bool_)
    errors = Counter(result.outcome.error for result in results if result.failed)
    latencies = [result.outcome.milliseconds for result in answered]
    shape = (len(answered), len(names))
    return {
        "classes": names,
        "models": _answering_models(answered),
        **metrics.summarize(
            probabilities.reshape(shape),
            labels,
            accepted,
            names,
        ),
        "images": len(results),
        "failures": errors.total(),
        "errors": dict(sorted(errors.items(), key=str)),
        "latency_ms": {
            "p50": percentile(latencies, 50),
            "p95": percentile(latencies, 95),
        },
        **facts,
    }


def _answering_models(answered: Sequence[Result]) -> list[JsonObject]:
    """Each model that answered, with its threshold and the number of its answers."""
    counts = Counter(
        (result.outcome.attribution.model, result.outcome.attribution.threshold)
        for result in answered
        if result.outcome.attribution
    )
    return [
        {"model": model, "threshold": threshold, "answers": answers}
        for (model, threshold), answers in sorted(counts.items())
    ]


def percentile(values: Sequence[int], percent: int) -> int | None:
    """Return the smallest value that at least `percent` % of the values don't exceed, if any."""
    if not values:
        return None
    return int(np.percentile(values, percent, method="inverted_cdf"))


def table(evaluation: JsonObject, width: int | None = None) -> str:
    """Return the content of evaluation.json as text, `width` columns wide at most."""
    lines = ["{model}: {images} test images in {seconds:.1f} s".format_map(evaluation)]
    if evaluation["drawn"]:
        lines.append(
            "The data are a drawn sample, not photographs: "
            "these measures do not apply to real vehicles."
        )
    if len(evaluation["models"]) > 1:
        lines.append("More than one model answered, each judged by its own threshold:")
        lines.extend(
            "  {model}: {answers} answers, accepted from {threshold:g}".format_map(model)
            for model in evaluation["models"]
        )
    measures = {name: _round(evaluation[name]) for name in MEASURES}
    values = {
        **evaluation,
        **evaluation["latency_ms"],
        **measures,
    }
    lines.append(SUMMARY.format_map(values))
    lines.append(_class_table(evaluation, width))
    lines.append("")
    lines.append(_confusion_table(evaluation, width))
    return "\n".join(lines)


def _class_table(evaluation: JsonObject, width: int | None) -> str:
    columns = (
        Column("class"),
        Column("precision", numbers=True),
        Column("recall", numbers=True),
        Column("images", rank=1, numbers=True),
    )
    rows = []
    for name, row in evaluation["per_class"].items():
        precision, recall = _round(row["precision"]), _round(row["recall"])
        rows.append((name, precision, recall, str(row["images"])))
    return format_table(columns, rows, width)


def _confusion_table(evaluation: JsonObject, width: int | None) -> str:
    """A row for each true class, a column for each answer; the last classes go first."""
    classes = evaluation["classes"]
    answers = [Column(name, rank=1, numbers=True) for name in classes]
    rows = []
    for name, counts in zip(classes, evaluation["confusion"], strict=True):
        rows.append((name, *map(str, counts)))
    return format_table((Column("truth / answer"), *answers), rows, width)


def failure_report(results: Sequence[Result]) -> str:
    """Return the number of failures by error name, and the first few in full."""
    failures = [result for result in results if result.failed]
    errors = Counter(str(failure.outcome.error) for failure in failures)
    counts = ", ".join(f"{count} {name}" for name, count in errors.most_common())
    lines = [f"{len(failures)} of {len(results)} images failed: {counts}."]
    for failure in failures[:SHOWN]:
        outcome = failure.outcome
        lines.append(f"  {failure.image.key}: {outcome.error}: {outcome.cause}")
    if len(failures) > SHOWN:
        lines.append(f"  and {len(failures) - SHOWN} more")
    remedy = outcomes.remedy(errors)
    if remedy:
        lines.append(remedy)
    return "\n".join(lines)


def _round(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
