"""How good answers are: accuracy, per class, confusion, calibration, and the share that was accepted.

The definitions are those of the training job's metrics.json, so that the two can be laid side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

ECE_BINS = 15


@dataclass(frozen=True)
class Answer:
    """What the workflow said about one image, and the `truth`: an index into the classes."""

    truth: int
    probabilities: tuple[float, ...]
    accepted: bool

    @property
    def predicted(self) -> int:
        """The most likely class; the first one of equals."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        return max(self.probabilities)

    @property
    def right(self) -> bool:
        return self.predicted == self.truth


def accuracy(answers: Sequence[Answer]) -> float | None:
    """The share of right answers; None without answers."""
    return share(sum(answer.right for answer in answers), len(answers))


def accepted(answers: Sequence[Answer]) -> float | None:
    """The share of answers that were accepted; None without answers."""
    return share(sum(answer.accepted for answer in answers), len(answers))


def accepted_accuracy(answers: Sequence[Answer]) -> float | None:
    """The share of right answers among the accepted ones; None when none was."""
    return accuracy([answer for answer in answers if answer.accepted])


def confusion(answers: Sequence[Answer], classes: Sequence[str]) -> list[list[int]]:
    """Counts of answers: a row for each true class, a column for each predicted one."""
    counts = [[0] * len(classes) for _ in classes]
    for answer in answers:
        counts[answer.truth][answer.predicted] += 1
    return counts


def per_class(
    answers: Sequence[Answer], classes: Sequence[str]
) -> dict[str, dict[str, float | int | None]]:
    """Precision, recall and the number of images of each class; None where there is nothing to divide by."""
    counts = confusion(answers, classes)
    return {
        name: {
            "precision": share(counts[label][label], sum(row[label] for row in counts)),
            "recall": share(counts[label][label], sum(counts[label])),
            "images": sum(counts[label]),
        }
        for label, name in enumerate(classes)
    }


def ece(answers: Sequence[Answer], bins: int = ECE_BINS) -> float | None:
    """The expected calibration error: |accuracy - mean confidence| over bins of confidence, weighted by their size.

    Bins have equal width and include their upper edge (Guo et al. 2017, "On Calibration of Modern Neural Networks",
    eq. 3).
    """
    filled: dict[int, list[Answer]] = {}
    for answer in answers:
        filled.setdefault(ceil(answer.confidence * bins), []).append(answer)
    gaps = (
        abs(sum(one.right for one in some) - sum(one.confidence for one in some))
        for some in filled.values()
    )
    return share(sum(gaps), len(answers))


def share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
