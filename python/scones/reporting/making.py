"""A report put together from what was captured and from what else is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from monitor.captures import Captures
from monitor.window import Window
from scones.diagrams import svg
from scones.diagrams.history import Path
from scones.diagrams.machine import Machine
from scones.reporting import figures, joined, ways
from scones.reporting.executions import Execution
from scones.reporting.joined import Images
from scones.reporting.known import UNTRUSTED, Known
from scones.reporting.report_page import Report
from scones.reporting.traffic import NONE, Traffic
from scones.settings import Target

TABLE_ROWS = 12

# What the comparison with the baseline found, as its JSON object holds it; or a sentence that says why nothing.
Drift = Mapping[str, Any] | str


@dataclass(frozen=True)
class Reading:
    """What was read: from where, of which window, when, and what it came to."""

    source: str
    window: Window
    at: datetime
    captures: Captures
    traffic: Traffic


def make(reading: Reading, known: Known, target: Target, drift: Drift) -> Report:
    """The report."""
    traffic = reading.traffic
    images = joined.join(
        traffic,
        known.classes,
        UNTRUSTED if known.threshold is None else known.threshold,
        known.executions,
        known.explain,
        known.truths,
        known.expected,
    )
    followed = (
        {one.arn: known.history(one.arn) for one in images.failed[: ways.FOLLOWED]}
        if known.history
        else {}
    )
    example = ways.telling(images)
    path = (
        (followed.get(example.arn) or known.history(example.arn))
        if example and known.history
        else None
    )
    told = figures.overall(images, known.classes)
    counts = ways.counted(known.machine, told["executions"] or told, followed.values())
    return Report(
        figures={
            **_read(reading, target),
            **told,
            "endpoints": figures.sources(images, known.endpoint, known.model, known.since),
            "threshold": known.threshold,
            "account": known.account,
            "drawn": known.drawn,
            "named_classes": len(known.classes),
            "foreign": int(((images.width != 0) & (images.width != len(known.classes))).sum()),
            "histogram": figures.histogram(images),
            "timeline": figures.timeline(images, known.classes),
            "truth": figures.truth(images),
            "drift": None if isinstance(drift, str) else drift,
            "drift_because": drift if isinstance(drift, str) else None,
            "ways": _told(counts, known.machine),
            "execution": _execution(example, path),
            "gallery": _gallery(images, traffic),
        },
        coarse=figures.timeline(images, known.classes, TABLE_ROWS),
        images=images,
        traffic=traffic,
        graph=svg.svg(known.machine, counts.states, counts.steps, description=_described(told)),
        example=_drawn(known.machine, path),
        timings=ways.timings(path) if path else None,
        commands={verb: target.command(verb) for verb in ("simulate", "report", "redrive")},
    )


def _read(reading: Reading, target: Target) -> dict[str, Any]:
    captures, traffic, window = reading.captures, reading.traffic, reading.window
    return {
        "target": target.name,
        "written": figures.moment(reading.at.timestamp()),
        "source": reading.source,
        "window": {"since": _moment(window.since), "until": _moment(window.until)},
        "files": captures.files,
        "records": traffic.records,
        "repeated": traffic.repeated,
        "remarks": dict(traffic.remarks.most_common()),
        "undecodable": traffic.lost_count,
        "undecodable_named": [{"name": one.name, "reason": one.reason} for one in traffic.lost],
        "skipped": captures.skipped_count,
        "skipped_named": [{"place": place, "reason": reason} for place, reason in captures.skipped],
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else figures.moment(at.astimezone(UTC).timestamp())


def _told(counts: ways.Ways, machine: Machine) -> dict[str, Any]:
    """The counts on the graph by names that need no explaining."""
    return {
        "states": {name: counts.states.get(name, 0) for name in machine.kinds},
        "steps": [
            {
                "from": source or "Start",
                "to": target.strip() or "Done",
                "pictures": counts.steps[source, target],
            }
            for source, target in dict.fromkeys(
                (edge.source, edge.target) for edge in machine.edges
            )
        ],
        "unknown": counts.unknown,
    }


def _execution(one: Execution | None, path: Path | None) -> dict[str, Any] | None:
    if one is None or path is None:
        return None
    visits = [
        {
            "state": visit.state,
            "status": visit.status,
            "error": visit.error,
            "milliseconds": visit.milliseconds,
        }
        for visit in path.visits
    ]
    return {
        "name": one.name,
        "arn": one.arn,
        "status": path.status,
        "milliseconds": one.milliseconds,
        "path": visits,
    }


def _gallery(images: Images, traffic: Traffic) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "label": images.names[images.label[one.row]],
            "confidence": figures.rounded(one.confidence),
            "outcome": joined.OUTCOMES[images.outcome[one.row]],
            "truth": None if images.truth[one.row] == NONE else images.names[images.truth[one.row]],
            "at": figures.moment(float(images.at[one.row])),
            "times": one.times,
        }
        for one in (*traffic.below.shown, *traffic.above.shown)
    ]


def _described(told: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{told[name]:,} {name}" for name in joined.OUTCOMES if told[name])
    return f"The state machine with the number of pictures that went each way: {counts}."


def _drawn(machine: Machine, path: Path | None) -> str:
    if path is None:
        return ""
    names = ", ".join(f"{visit.state} ({visit.status})" for visit in path.visits)
    return svg.svg(
        machine, statuses=path.statuses, description=f"The way of one execution: {names}."
    )
