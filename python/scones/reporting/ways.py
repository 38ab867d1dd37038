"""Which ways the pictures of a window went through the state machine, and one execution step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from scones.diagrams.history import Path, Visit
from scones.diagrams.machine import DONE, START, Machine
from scones.pages import charts
from scones.pages.charts import BAD, GOOD, MUTED, SECOND, WARN, Drawing
from scones.pages.page import Chart, Table
from scones.pages.wording import number
from scones.reporting.executions import Execution
from scones.reporting.joined import ACCEPTED, DOUBTED, FAILED, RUNNING, Images
from scones.workflow.outcomes import UNSURE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FOLLOWED = 50  # of the failed executions; each costs a request
TONES = {"succeeded": GOOD, "caught": WARN, "failed": BAD, "running": SECOND, "stopped": MUTED}

History = Callable[[str], Path]


@dataclass(frozen=True)
class Ways:
    """How many pictures came by each state, and how many went from one to another."""

    states: Mapping[str, int]
    steps: Mapping[tuple[str, str], int]
    unknown: int


def counted(machine: Machine, endings: Mapping[str, int], failed: Iterable[Path]) -> Ways:
    """The ways of the accepted and of the unsure pictures, which follow from the machine, and of `failed` executions.

    `endings` are how many pictures ended how; the ways of those not looked at are `unknown`.
    """
    states: Counter[str] = Counter()
    steps: Counter[tuple[str, str]] = Counter()
    routes = [(route(machine), endings["accepted"]), (route(machine, UNSURE), endings["unsure"])]
    followed = [[START, *(visit.state for visit in path.visits)] for path in failed]
    for names, times in [*routes, *((names, 1) for names in followed)]:
        if times:
            states.update(dict.fromkeys(names, times))
            steps.update(dict.fromkeys(pairwise(names), times))
    return Ways(
        states,
        steps,
        endings["failed"] + endings["running"] + endings["unanswered"] - len(followed),
    )


def route(machine: Machine, error: str | None = None) -> list[str]:
    """The states from START on when all goes well, or when the first one that can catches `error`.

    It ends where a choice depends on what travels.
    """
    names = [START]
    while names[-1] != DONE and len(names) <= len(machine.kinds) + 1:
        leading = [edge for edge in machine.edges if edge.source == names[-1]]
        caught = [edge for edge in leading if edge.caught and error in edge.conditions]
        onward = caught[:1] or [edge for edge in leading if not edge.caught]
        if len(onward) != 1:
            break
        error = None if caught else error
        names.append(onward[0].target)
    return names


def telling(images: Images) -> Execution | None:
    """The execution to draw: the latest that failed, otherwise the latest unsure one, otherwise the latest."""
    return next(
        (
            images.latest[ending]
            for ending in (FAILED, DOUBTED, ACCEPTED, RUNNING)
            if ending in images.latest
        ),
        None,
    )


def timings(path: Path) -> Chart | None:
    """When each state was entered and left."""
    visits = [visit for visit in path.visits if visit.milliseconds is not None]
    if not visits:
        return None
    begin = visits[0].entered
    starts = [(visit.entered - begin).total_seconds() * 1000 for visit in visits]
    lengths = [float(visit.milliseconds or 0) for visit in visits]
    height = 0.8 + 0.34 * len(visits)
    end = max(start + length for start, length in zip(starts, lengths, strict=True)) or 1.0

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for place, (visit, start, length) in enumerate(zip(visits, starts, lengths, strict=True)):
            axes.barh(
                place, max(length, end / 150), left=start, height=0.55, color=TONES[visit.status]
            )
            note = axes.annotate(
                f"{length:,.0f} ms",
                (start + length, place),
                (4, 0),
                textcoords="offset points",
                va="center",
            )
            note.set(fontsize=9.5, color=MUTED)
        axes.set_yticks(range(len(visits)), [visit.state for visit in visits])
        axes.set(
            xlabel="milliseconds since the start",
            xlim=(0, end * 1.2),
            ylim=(len(visits) - 0.4, -0.6),
        )
        axes.grid(visible=False, axis="y")
        charts.whole_number_axis(axes, "x")

    return Chart(
        title="Where the time went",
        drawing=Drawing(
            "execution", f"When {len(visits)} states were entered and left.", height, paint
        ),
        caption="From entering a state to leaving it, with its retries and the pauses before them.",
        table=steps(path.visits),
    )


def steps(visits: Sequence[Visit]) -> Table:
    """The states that an execution entered."""
    rows = tuple(
        (
            visit.state,
            visit.error or visit.status,
            number(visit.milliseconds, ",d", "ms"),
            f"{max(1, visit.attempts)}",
        )
        for visit in visits
    )
    return Table("State by state", ("State", "Ended", "Took", "Attempts"), rows)
