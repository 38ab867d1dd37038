"""Every image of a window once, with its answer, its execution's outcome, and its ground truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np
from numpy.typing import NDArray

from scones.reporting.context import ReportContext
from scones.reporting.executions import Execution
from scones.reporting.traffic import NONE, Source, Traffic
from scones.workflow import outcomes
from scones.workflow.outcomes import UNNAMED_ERRORS, Outcome

OUTCOMES = (
    "accepted",
    "unsure",
    "failed",
    "running",
    "unanswered",
)
ACCEPTED, UNSURE, FAILED, RUNNING, UNANSWERED = range(len(OUTCOMES))
UNKNOWN_ERROR = "not looked up"
LONGEST_INFERENCE_ID = 64

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class ImageTable:
    """Columns of numbers with a row per image.

    Attributes:
        at: seconds since 1970.
        confidence: NaN without an answer.
        label: index into `class_names`; NONE without an answer.
        class_count: number of probabilities in the answer; 0 if unknown.
        source: index into `sources`.
        model: index into `models`; NONE if the answer does not say which model gave it.
        outcome: index into OUTCOMES.
        milliseconds: duration of the execution; NaN if unknown.
        error: index into `errors` if the execution failed; otherwise NONE.
        ground_truth: index into `class_names`; NONE if unknown.
        executed: whether an execution of the workflow is known.
        failed: the failed executions, the latest first.
        latest: the latest execution by outcome.
    """

    at: Floats
    confidence: Floats
    label: Integers
    class_count: Integers
    source: Integers
    model: Integers
    outcome: Integers
    milliseconds: Floats
    error: Integers
    ground_truth: Integers
    executed: Mask
    class_names: list[str]
    sources: tuple[Source, ...]
    models: list[str]
    errors: list[str] = field(default_factory=list)
    failed: list[Execution] = field(default_factory=list)
    latest: dict[int, Execution] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.at)

    @property
    def answered(self) -> Mask:
        """Which images have an answer."""
        return ~np.isnan(self.confidence)

    @property
    def verifiable(self) -> Mask:
        """Which images have both an answer and ground truth."""
        return np.asarray((self.label != NONE) & (self.ground_truth != NONE))


def build_table(traffic: Traffic, context: ReportContext) -> ImageTable:
    """Join captures, executions and ground truth; adds images without a record to `traffic`.

    What did not come through the workflow is left out of `traffic`. Where executions are unknown,
    the outcome follows from the threshold.

    An answer that says which model gave it is named by that model's classes and judged by its
    threshold. Of the others, one with as many probabilities as the workflow has classes is from our
    model. Any other is from another model, whose classes are named by position ("class 0", or
    "class 0 of 3" if several such models differ in their number of classes).
    """
    _leave_out_direct(traffic, context)
    executions = _match_executions(traffic, context)
    size = len(traffic)
    class_names = list(context.classes)
    models: list[str] = []
    confidence = np.array(traffic.confidence)
    outcome = np.where(confidence >= _thresholds(traffic), ACCEPTED, UNSURE).astype(np.int32)
    outcome[np.isnan(confidence)] = UNANSWERED
    table = ImageTable(
        at=np.array(traffic.at),
        confidence=confidence,
        label=_label_ids(traffic, context.classes, class_names),
        class_count=np.array(traffic.class_count, np.int32),
        source=np.array(traffic.source, np.int32),
        model=_model_ids(traffic, models),
        outcome=outcome,
        milliseconds=np.full(size, nan),
        error=np.full(size, NONE, np.int32),
        ground_truth=np.full(size, NONE, np.int32),
        executed=np.zeros(size, bool),
        class_names=class_names,
        sources=tuple(traffic.sources),
        models=models,
    )
    arns = [
        execution.arn
        for execution, rows in executions
        if _needs_description(execution, outcome[rows])
    ]
    described = context.describe(arns) if context.describe else {}
    for execution, rows in executions:
        _add_execution(table, execution, rows, described.get(execution.arn))
    for inference_id, name in context.ground_truth.items():
        if rows := traffic.rows(inference_id):
            table.ground_truth[rows] = _name_id(class_names, name)
    return table


def _leave_out_direct(traffic: Traffic, context: ReportContext) -> None:
    """Leave out the requests that have an inference id, but no execution."""
    window = context.listed
    if window is None or window.since is None or window.until is None:
        return
    names = {inference_id(execution) for execution in context.executions}
    since, until = window.since.timestamp(), window.until.timestamp()
    traffic.leave_out(traffic.unlisted(names, since, until))


def inference_id(execution: Execution) -> str:
    """The inference id of an execution's image: its name, cut to what SageMaker accepts."""
    return execution.name[:LONGEST_INFERENCE_ID]


def _match_executions(
    traffic: Traffic,
    context: ReportContext,
) -> list[tuple[Execution, list[int]]]:
    """The executions with the rows of their images.

    An execution without a captured record gets a new row, if a record was to be expected.
    """
    matched = []
    for execution in context.executions:
        rows = traffic.rows(inference_id(execution))
        if not rows and execution.started in context.expected:
            rows = [traffic.add_uncaptured(inference_id(execution), execution.started)]
        if rows:
            matched.append((execution, rows))
    return matched


def _add_execution(
    table: ImageTable,
    execution: Execution,
    rows: list[int],
    described: Outcome | None,
) -> None:
    """Enter an execution into the rows of its image."""
    table.executed[rows] = True
    if execution.milliseconds is not None:
        table.milliseconds[rows] = execution.milliseconds
    outcome, error = _execution_outcome(execution, table.outcome[rows], described)
    table.outcome[rows] = outcome
    table.latest.setdefault(outcome, execution)
    if error:
        table.error[rows] = _name_id(table.errors, error)
        table.failed.append(execution)
    if described and described.label and described.confidence:
        table.label[rows] = _name_id(table.class_names, described.label)
        table.confidence[rows] = described.confidence


def _needs_description(execution: Execution, captured_outcomes: Integers) -> bool:
    """Whether an execution failed although its captured confidence is not low."""
    return execution.status == "FAILED" and not (captured_outcomes == UNSURE).all()


def _execution_outcome(
    execution: Execution,
    captured_outcomes: Integers,
    described: Outcome | None,
) -> tuple[int, str | None]:
    """The outcome of an execution, and its error if it failed."""
    if execution.status == "SUCCEEDED":
        return ACCEPTED, None
    if execution.status in UNNAMED_ERRORS:
        return FAILED, UNNAMED_ERRORS[execution.status]
    if execution.status != "FAILED":
        return RUNNING, None
    if not _needs_description(execution, captured_outcomes):
        return UNSURE, None
    error = described.error if described else None
    if error == outcomes.UNSURE:
        return UNSURE, None
    return FAILED, error or UNKNOWN_ERROR


def _label_ids(traffic: Traffic, classes: Sequence[str], class_names: list[str]) -> Integers:
    """The class id of every answer; names that are not among `class_names` are added to them."""
    label = np.array(traffic.label, np.int32)
    class_count = np.array(traffic.class_count, np.int32)
    model = np.array(traffic.model, np.int32)
    ids = np.full(len(traffic), NONE, np.int32)
    # Grouped by model and class: a loop over all records would be too slow.
    groups = set(zip(traffic.model, traffic.class_count, traffic.label, strict=True))
    unnamed = {count for index, count, _ in groups if index == NONE and count} - {len(classes)}
    for index, count, position in sorted(groups):
        if position == NONE:
            continue
        name = traffic.models[index].name_class(position, count) if index != NONE else None
        if index == NONE and count == len(classes):
            name = classes[position]
        if name is None:
            name = f"class {position} of {count}" if len(unnamed) > 1 else f"class {position}"
        in_group = (model == index) & (class_count == count) & (label == position)
        ids[in_group] = _name_id(class_names, name)
    return ids


def _thresholds(traffic: Traffic) -> Floats:
    """The threshold that applies to every answer."""
    thresholds = [model.threshold for model in traffic.models]
    # An answer that does not say which model gave it has the last index, -1.
    return np.array([*thresholds, traffic.threshold])[np.array(traffic.model, np.int32)]


def _model_ids(traffic: Traffic, models: list[str]) -> Integers:
    """The model's name of every answer, as an index into `models`, to which it is added."""
    ids = [_name_id(models, attribution.model) for attribution in traffic.models]
    return np.array([*ids, NONE], np.int32)[np.array(traffic.model, np.int32)]


def _name_id(names: list[str], name: str) -> int:
    """The index of a name in the list; a new name is added."""
    if name not in names:
        names.append(name)
    return names.index(name)
