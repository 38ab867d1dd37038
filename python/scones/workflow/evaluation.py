"""From the outcomes of test images to evaluation.json and its table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from container.evaluation import metrics
from scones.workflow.outcomes import Outcome

FEW = 5


@dataclass(frozen=True)
class Sample:
    """A staged test image; `truth` is the index of its class."""

    key: str
    truth: int


@dataclass(frozen=True)
class Result:
    """What the workflow made of a sample."""

    sample: Sample
    outcome: Outcome

    @property
    def failed(self) -> bool:
        """Whether there is no answer, neither an accepted nor an unsure one."""
        return self.outcome.status == "failed" or self.outcome.inferences is None


def choose(samples: Sequence[Sample], limit: int | None) -> list[Sample]:
    """The first `limit` samples in an order that takes from each class in turn; all of them without a limit."""
    by_class: dict[int, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=lambda sample: sample.key):
        by_class[sample.truth].append(sample)
    turns = [
        (turn, sample.truth, sample)
        for some in by_class.values()
        for turn, sample in enumerate(some)
    ]
    return [sample for _, _, sample in sorted(turns, key=lambda entry: entry[:2])][:limit]


def summarise(results: Sequence[Result], classes: Sequence[str], **facts: Any) -> dict[str, Any]:
    """The content of evaluation.json; `facts` are what the results don't know: threshold, seconds, drawn, model.

    Every measure is over the answers; a failure is no answer and counts under `failures` and `errors` alone.
    """
    answered = [result for result in results if not result.failed]
    probabilities = np.array([result.outcome.inferences for result in answered], np.float64)
    labels = np.array([result.sample.truth for result in answered], np.int64)
    accepted = np.array([result.outcome.status == "accepted" for result in answered], np.bool_)
    errors = Counter(result.outcome.error for result in failures(results))
    latencies = [result.outcome.milliseconds for result in answered]
    return {
        "classes": list(classes),
        **metrics.summarize(
            probabilities.reshape(len(answered), len(classes)), labels, accepted, classes
        ),
        "images": len(results),
        "failures": sum(errors.values()),
        "errors": dict(sorted(errors.items(), key=str)),
        "latency_ms": {"p50": percentile(latencies, 50), "p95": percentile(latencies, 95)},
        **facts,
    }


def failures(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.failed]


def percentile(values: Sequence[int], percent: int) -> int | None:
    """The smallest value that at least `percent` of the values don't exceed (nearest rank); None without values."""
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)] if values else None


def table(evaluation: Mapping[str, Any]) -> str:
    """What evaluation.json says, for people."""
    classes = evaluation["classes"]
    width = max(len(name) for name in [*classes, "truth / answer"])
    lines = [
        f"{evaluation['model']}: {evaluation['images']} test images in {evaluation['seconds']:.1f} s"
    ]
    if evaluation["drawn"]:
        lines.append(
            "The data are a drawn sample, not photographs: these figures say nothing about real vehicles."
        )
    latency = evaluation["latency_ms"]
    lines += [
        "",
        f"accuracy           {_number(evaluation['accuracy'])}",
        f"accepted           {_number(evaluation['accepted'])}  (confidence of {evaluation['threshold']:g} and more)",
        f"accepted accuracy  {_number(evaluation['accepted_accuracy'])}",
        f"calibration error  {_number(evaluation['ece'])}",
        f"failures           {evaluation['failures']:5}",
        f"latency p50, p95   {latency['p50']} ms, {latency['p95']} ms",
        "",
        f"{'class':<{width}}  precision     recall  images",
    ]
    for name, row in evaluation["per_class"].items():
        lines.append(
            f"{name:<{width}}  {_number(row['precision']):>9}  {_number(row['recall']):>9}  {row['images']:>6}"
        )
    columns = [max(len(name), 6) for name in classes]
    heads = "  ".join(f"{name:>{column}}" for name, column in zip(classes, columns, strict=True))
    lines += ["", f"{'truth / answer':<{width}}  {heads}"]
    for name, counts in zip(classes, evaluation["confusion"], strict=True):
        cells = "  ".join(
            f"{count:>{column}}" for count, column in zip(counts, columns, strict=True)
        )
        lines.append(f"{name:<{width}}  {cells}")
    return "\n".join(lines)


def complaint(results: Sequence[Result]) -> str:
    """The failures by error name, and the first few in full."""
    failed = failures(results)
    names = Counter(str(result.outcome.error) for result in failed)
    counts = ", ".join(f"{count} {name}" for name, count in names.most_common())
    lines = [f"{len(failed)} of {len(results)} images failed: {counts}."]
    lines += [
        f"  {one.sample.key}: {one.outcome.error}: {one.outcome.cause}" for one in failed[:FEW]
    ]
    if len(failed) > FEW:
        lines.append(f"  and {len(failed) - FEW} more")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
