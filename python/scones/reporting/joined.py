"""Every picture of a window once, with all that is known of it: its answer, how its execution ended, its truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np
from numpy.typing import NDArray

from monitor.window import Window
from scones.reporting.executions import Execution, Explain, unexplained
from scones.reporting.traffic import NONE, Source, Traffic
from scones.workflow.outcomes import UNNAMED_ERRORS, UNSURE, Outcome

OUTCOMES = ("accepted", "unsure", "failed", "running", "unanswered")
ACCEPTED, DOUBTED, FAILED, RUNNING, UNANSWERED = range(len(OUTCOMES))
UNEXPLAINED = "not looked up"
ALWAYS = Window()

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
Mask = NDArray[np.bool_]
Placed = Sequence[tuple[Execution, Sequence[int]]]


@dataclass(frozen=True)
class Images:
    """Columns of numbers, a row for each picture.

    Attributes:
        at: seconds since 1970.
        confidence: NaN where no answer is known.
        label: index into `names`; NONE without an answer.
        width: how many classes were told apart; 0 where that is not known.
        source: index into `sources`.
        outcome: index into OUTCOMES.
        milliseconds: how long the execution took; NaN where that is not known.
        error: index into `errors` of those that failed; otherwise NONE.
        truth: index into `names`; NONE where it is not known.
        executed: whether an execution of the workflow is known, rather than that the endpoint was asked directly.
        failed: the executions that failed, the latest first.
        latest: the latest execution of each outcome.
    """

    at: Floats
    confidence: Floats
    label: Integers
    width: Integers
    source: Integers
    outcome: Integers
    milliseconds: Floats
    error: Integers
    truth: Integers
    executed: Mask
    names: tuple[str, ...]
    errors: tuple[str, ...]
    sources: tuple[Source, ...]
    failed: tuple[Execution, ...] = ()
    latest: Mapping[int, Execution] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.at)

    @property
    def judged(self) -> Mask:
        """Which pictures have both an answer and a truth."""
        return np.asarray((self.label != NONE) & (self.truth != NONE))


class Names:
    """Names by numbers, given out as they are met."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._numbers = {name: number for number, name in enumerate(names)}

    def __getitem__(self, name: str) -> int:
        return self._numbers.setdefault(name, len(self._numbers))

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)


def join(
    traffic: Traffic,
    classes: Sequence[str],
    threshold: float,
    executions: Iterable[Execution] = (),
    explain: Explain = unexplained,
    truths: Mapping[str, str] | None = None,
    expected: Window = ALWAYS,
) -> Images:
    """Put together what is known of every picture; adds those that were not captured to `traffic`.

    Without an execution, the outcome follows from the threshold. An execution of which nothing was captured is a
    picture too, if it started when its record was to be `expected`.

    Args:
        explain: tells how executions ended, by ARN; asked about those whose end the captures do not explain.
        truths: class names by inference id.
    """
    names, errors = Names(classes), Names()
    placed = _placed(traffic, executions, expected)
    confidence = np.array(traffic.confidence)
    outcome = np.where(
        np.isnan(confidence), UNANSWERED, np.where(confidence >= threshold, ACCEPTED, DOUBTED)
    )
    milliseconds, error = np.full(len(traffic), nan), np.full(len(traffic), NONE, np.int32)
    label = _labels(traffic, classes, names)
    described = explain([one.arn for one, rows in placed if _is_a_riddle(one, outcome[rows])])
    executed = np.zeros(len(traffic), bool)
    failed: list[Execution] = []
    latest: dict[int, Execution] = {}
    for one, rows in placed:
        executed[rows] = True
        milliseconds[rows] = nan if one.milliseconds is None else one.milliseconds
        told = described.get(one.arn)
        ending, name = _ending(one, outcome[rows], told)
        outcome[rows] = ending
        latest.setdefault(ending, one)
        if name:
            error[rows] = errors[name]
            failed.append(one)
        if told and told.label and told.confidence:
            label[rows], confidence[rows] = names[told.label], told.confidence
    truth = np.full(len(traffic), NONE, np.int32)
    for inference_id, name in (truths or {}).items():
        if rows := traffic.rows(inference_id):
            truth[rows] = names[name]
    return Images(
        at=np.array(traffic.at),
        confidence=confidence,
        label=label,
        width=np.array(traffic.width, np.int32),
        source=np.array(traffic.source, np.int32),
        outcome=outcome.astype(np.int32),
        milliseconds=milliseconds,
        error=error,
        truth=truth,
        executed=executed,
        names=tuple(names),
        errors=tuple(errors),
        sources=tuple(traffic.sources),
        failed=tuple(failed),
        latest=latest,
    )


def _placed(traffic: Traffic, executions: Iterable[Execution], expected: Window) -> Placed:
    """The executions, each with its rows."""
    placed = []
    for one in executions:
        rows = traffic.rows(one.name)
        if rows or one.started in expected:
            placed.append((one, rows or [traffic.add_uncaptured(one.name, one.started)]))
    return placed


def _is_a_riddle(one: Execution, outcomes: Integers) -> bool:
    """Whether an execution failed otherwise than for the doubt that was captured."""
    return one.status == "FAILED" and not (outcomes == DOUBTED).all()


def _ending(one: Execution, outcomes: Integers, told: Outcome | None) -> tuple[int, str | None]:
    """How an execution ended, and by what error if it failed."""
    if one.status == "SUCCEEDED":
        return ACCEPTED, None
    if one.status in UNNAMED_ERRORS:
        return FAILED, UNNAMED_ERRORS[one.status]
    if one.status != "FAILED":
        return RUNNING, None
    if not _is_a_riddle(one, outcomes) or (told and told.error == UNSURE):
        return DOUBTED, None
    return FAILED, (told and told.error) or UNEXPLAINED


def _labels(traffic: Traffic, classes: Sequence[str], names: Names) -> Integers:
    """Each answer's class by its number among `names`; those of other models are called by their places."""
    width, label = np.array(traffic.width, np.int32), np.array(traffic.label, np.int32)
    found = np.full(len(traffic), NONE, np.int32)
    widths = [int(one) for one in np.unique(width) if one]
    foreign = [one for one in widths if one != len(classes)]
    for one in widths:
        told = [int(place) for place in np.unique(label[width == one])]
        for place in told:
            of = f" of {one}" if len(foreign) > 1 else ""
            name = classes[place] if one == len(classes) else f"class {place}{of}"
            found[(width == one) & (label == place)] = names[name]
    return found
