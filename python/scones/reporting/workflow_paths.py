"""The paths of a window's images through the state machine, and one execution in detail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from scones.diagrams.history import Path
from scones.diagrams.machine import DONE, START, Machine
from scones.pages import charts
from scones.pages.charts import BAD, GOOD, MUTED, SECOND, WARN, Drawing
from scones.pages.page import Chart, Table
from scones.pages.wording import number
from scones.reporting.executions import Execution
from scones.reporting.image_table import ACCEPTED, FAILED, RUNNING, UNSURE, ImageTable
from scones.workflow import outcomes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_READ = 50  # histories of failed executions; each costs a request
STATUS_COLOURS = {
    "succeeded": GOOD,
    "caught": WARN,
    "failed": BAD,
    "running": SECOND,
    "stopped": MUTED,
}


@dataclass(frozen=True)
class PathCounts:
    """The number of images that entered each state and took each transition.

    `unknown` is the number of images whose paths were not looked up.
    """

    states: Mapping[str, int]
    steps: Mapping[tuple[str, str], int]
    unknown: int


def count_paths(
    machine: Machine,
    outcome_counts: Mapping[str, int],
    failed: Sequence[Path],
) -> PathCounts:
    """Count the paths of accepted and unsure images, and those of `failed` executions.

    The former follow from the machine.
    """
    states: Counter[str] = Counter()
    steps: Counter[tuple[str, str]] = Counter()

    def add(names: Sequence[str], images: int) -> None:
        if images:
            states.update(dict.fromkeys(names, images))
            steps.update(dict.fromkeys(pairwise(names), images))

    add(expected_path(machine), outcome_counts["accepted"])
    add(expected_path(machine, outcomes.UNSURE), outcome_counts["unsure"])
    for path in failed:
        add([START, *(visit.state for visit in path.visits)], 1)
    others = sum(outcome_counts[name] for name in ("failed", "running", "unanswered"))
    return PathCounts(states, steps, unknown=others - len(failed))


def expected_path(machine: Machine, error: str | None = None) -> list[str]:
    """The states from START on without errors, or with `error` caught by the first that can.

    The path ends at a choice, which depends on the input.
    """
    names = [START]
    while names[-1] != DONE and len(names) <= len(machine.kinds) + 1:
        edges = [edge for edge in machine.edges if edge.source == names[-1]]
        catchers = [edge for edge in edges if edge.caught and error in edge.conditions]
        if catchers:
            edges = catchers[:1]
            error = None
        else:
            edges = [edge for edge in edges if not edge.caught]
        if len(edges) != 1:
            break
        names.append(edges[0].target)
    return names


def input_errors(machine: Machine) -> list[str]:
    """The errors of an input that cannot be used: the machine catches them only to fail."""
    errors: set[str] = set()
    for edge in machine.edges:
        if edge.caught and machine.kinds[edge.target] == "Fail":
            errors.update(edge.conditions)
    return sorted(errors)


def example_execution(table: ImageTable) -> Execution | None:
    """The execution to show: the latest failed one, otherwise unsure, accepted or running."""
    for outcome in (FAILED, UNSURE, ACCEPTED, RUNNING):
        if outcome in table.latest:
            return table.latest[outcome]
    return None


def duration_chart(path: Path) -> Chart | None:
    """When each state was entered and exited."""
    visits = [visit for visit in path.visits if visit.milliseconds is not None]
    if not visits:
        return None
    begin = visits[0].entered
    starts = [(visit.entered - begin).total_seconds() * 1000 for visit in visits]
    lengths = [float(visit.milliseconds or 0) for visit in visits]
    ends = [start + length for start, length in zip(starts, lengths, strict=True)]
    last = max(ends) or 1.0

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for row, visit in enumerate(visits):
            axes.barh(
                row,
                max(lengths[row], last / 150),
                left=starts[row],
                height=0.55,
                color=STATUS_COLOURS[visit.status],
            )
            axes.annotate(
                f"{lengths[row]:,.0f} ms",
                (ends[row], row),
                (4, 0),
                textcoords="offset points",
                va="center",
                fontsize=9.5,
                color=MUTED,
            )
        axes.set_yticks(range(len(visits)), [visit.state for visit in visits])
        axes.set(
            xlabel="milliseconds since the start",
            xlim=(0, last * 1.2),
            ylim=(len(visits) - 0.4, -0.6),
        )
        axes.grid(visible=False, axis="y")
        charts.whole_number_axis(axes, "x")

    rows = tuple(
        (
            visit.state,
            visit.error or visit.status,
            number(visit.milliseconds, ",d", "ms"),
            f"{max(1, visit.attempts)}",
        )
        for visit in path.visits
    )
    return Chart(
        title="Duration by state",
        drawing=Drawing(
            name="execution",
            description=f"When {len(visits)} states were entered and exited.",
            height=0.8 + 0.34 * len(visits),
            paint=paint,
        ),
        caption="From entering a state to exiting it, including retries and their pauses.",
        table=Table("States", ("State", "Result", "Duration", "Attempts"), rows),
    )
