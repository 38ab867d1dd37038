"""Builds the report from captured traffic and its context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.captures import Captures
from monitor.window import Window
from scones.diagrams import svg
from scones.diagrams.history import Path
from scones.diagrams.machine import Machine
from scones.json_object import JsonObject
from scones.reporting import figures, late_captures, workflow_paths
from scones.reporting.accuracy import accuracy_figures
from scones.reporting.context import ReportContext
from scones.reporting.executions import Execution
from scones.reporting.image_table import OUTCOMES, ImageTable, build_table
from scones.reporting.report_page import Report
from scones.reporting.traffic import NONE, Traffic
from scones.reporting.workflow_paths import PathCounts
from scones.settings import Target

TABLE_ROWS = 12

# The drift result as JSON values, or a sentence that says why there is none.
Drift = JsonObject | str


@dataclass(frozen=True)
class TrafficReading:
    """The traffic that was read: from which source, of which window, and when."""

    source: str
    window: Window
    at: datetime
    captures: Captures
    traffic: Traffic


def build_report(
    reading: TrafficReading,
    context: ReportContext,
    target: Target,
    drift: Drift,
) -> Report:
    """Join the traffic with its context, and compute all figures and diagrams."""
    classes = context.classes
    table = build_table(reading.traffic, context)
    summary = figures.summary(table, classes)
    failed_paths: dict[str, Path] = {}
    example = path = None
    if context.read_path:
        for execution in table.failed[: workflow_paths.MOST_READ]:
            failed_paths[execution.arn] = context.read_path(execution.arn)
        if example := workflow_paths.example_execution(table):
            path = failed_paths.get(example.arn) or context.read_path(example.arn)
    counts = workflow_paths.count_paths(
        context.machine,
        summary["executions"] or summary,
        list(failed_paths.values()),
    )
    unnamed = (table.model == NONE) & (table.class_count != 0)
    other_models = unnamed & (table.class_count != len(classes))
    report_figures = {
        **_reading_figures(reading, target),
        **summary,
        "late": late_captures.count_late(table, reading.at),
        "endpoints": figures.source_rows(
            table,
            context.endpoint,
            context.model,
            context.model_since,
        ),
        "threshold": context.threshold,
        "account": context.account,
        "drawn": context.drawn,
        "named_classes": len(classes),
        "foreign": int(other_models.sum()),
        "histogram": figures.histogram(table),
        "timeline": figures.timeline(table, classes),
        "truth": accuracy_figures(table),
        "drift": None if isinstance(drift, str) else drift,
        "drift_because": drift if isinstance(drift, str) else None,
        "input_errors": workflow_paths.input_errors(context.machine),
        "ways": _path_figures(counts, context.machine),
        "execution": _execution_figures(example, path),
        "gallery": _gallery_figures(table, reading.traffic),
    }
    return Report(
        figures=report_figures,
        coarse=figures.timeline(table, classes, TABLE_ROWS),
        table=table,
        traffic=reading.traffic,
        graph=_draw_counts(context.machine, counts, summary),
        example=_draw_path(context.machine, path) if path else "",
        durations=workflow_paths.duration_chart(path) if path else None,
        commands={verb: target.command(verb) for verb in ("simulate", "report", "redrive")},
    )


def _reading_figures(reading: TrafficReading, target: Target) -> JsonObject:
    captures = reading.captures
    traffic = reading.traffic
    return {
        "target": target.name,
        "written": _iso_time(reading.at),
        "source": reading.source,
        "window": {
            "since": _iso_time(reading.window.since),
            "until": _iso_time(reading.window.until),
        },
        "files": captures.files,
        "records": traffic.records,
        "repeated": traffic.repeated,
        "direct": traffic.direct,
        "remarks": dict(traffic.remarks.most_common()),
        "undecodable": traffic.undecodable_count,
        "undecodable_named": [
            {"name": image.name, "reason": image.reason} for image in traffic.undecodable
        ],
        "skipped": captures.skipped_count,
        "skipped_named": [{"place": place, "reason": reason} for place, reason in captures.skipped],
    }


def _iso_time(at: datetime | None) -> str | None:
    return None if at is None else figures.iso_time(at.astimezone(UTC).timestamp())


def _path_figures(counts: PathCounts, machine: Machine) -> JsonObject:
    """The counts on the graph, with readable names for its ends."""
    steps = []
    for source, target in dict.fromkeys((edge.source, edge.target) for edge in machine.edges):
        steps.append(
            {
                "from": source or "Start",
                "to": target.strip() or "Done",
                "images": counts.steps[source, target],
            }
        )
    return {
        "states": {name: counts.states.get(name, 0) for name in machine.kinds},
        "steps": steps,
        "unknown": counts.unknown,
    }


def _execution_figures(execution: Execution | None, path: Path | None) -> JsonObject | None:
    if execution is None or path is None:
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
        "name": execution.name,
        "arn": execution.arn,
        "status": path.status,
        "milliseconds": execution.milliseconds,
        "path": visits,
    }


def _gallery_figures(table: ImageTable, traffic: Traffic) -> Sequence[JsonObject]:
    rows = []
    for sample in (*traffic.below.samples, *traffic.above.samples):
        ground_truth = table.ground_truth[sample.row]
        rows.append(
            {
                "name": sample.name,
                "label": table.class_names[table.label[sample.row]],
                "confidence": figures.round_figure(sample.confidence),
                "outcome": OUTCOMES[table.outcome[sample.row]],
                "truth": None if ground_truth == NONE else table.class_names[ground_truth],
                "at": figures.iso_time(float(table.at[sample.row])),
                "times": sample.times,
            }
        )
    return rows


def _draw_counts(machine: Machine, counts: PathCounts, summary: JsonObject) -> str:
    outcomes = [f"{summary[name]:,} {name}" for name in OUTCOMES if summary[name]]
    description = (
        "The state machine with the number of images that took each transition: "
        f"{', '.join(outcomes)}."
    )
    return svg.svg(machine, counts.states, counts.steps, description=description)


def _draw_path(machine: Machine, path: Path) -> str:
    visits = [f"{visit.state} ({visit.status})" for visit in path.visits]
    description = f"The path of one execution: {', '.join(visits)}."
    return svg.svg(machine, statuses=path.statuses, description=description)
