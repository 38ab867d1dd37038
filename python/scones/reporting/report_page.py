"""The traffic report as one page that needs no network, with its figures and charts as files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scones.files import write_atomically
from scones.pages import page as pages
from scones.pages import reliability
from scones.pages.page import Chart, Notice
from scones.pages.wording import count, number, percent
from scones.reporting import (
    confidence_charts,
    galleries,
    report_sections,
    report_summary,
    times,
    traffic_charts,
)
from scones.reporting.figures import Figures
from scones.reporting.image_table import ImageTable
from scones.reporting.traffic import Traffic
from scones.workflow.outcomes import UNSURE

TEMPLATE = "reporting/report.html"


@dataclass(frozen=True)
class Report:
    """What the page is made from.

    Attributes:
        figures: the content of report.json.
        coarse: the timeline in fewer spans, for tables.
        graph: the state machine with counts as SVG.
        example: the path of one execution as SVG; `durations` is its chart.
        commands: the command lines of verbs by name.
    """

    figures: Figures
    coarse: Figures
    table: ImageTable
    traffic: Traffic
    graph: str
    example: str
    durations: Chart | None
    commands: Mapping[str, str]

    def charts(self) -> dict[str, Chart]:
        """The charts that have something to draw, by file name."""
        figures = self.figures
        accuracy = figures["truth"] or {"reliability": []}
        charts = {
            "confidence": confidence_charts.confidence_over_time(self.table, figures, self.coarse),
            "histogram": confidence_charts.confidence_by_class(figures),
            "outcomes": traffic_charts.outcomes(figures, self.coarse),
            "classes": traffic_charts.class_shares(figures, self.coarse),
            "latency": traffic_charts.latency(figures, self.coarse),
            "reliability": reliability.diagram(accuracy["reliability"]),
            "execution": self.durations,
        }
        return {name: chart for name, chart in charts.items() if chart}


def write_report(report: Report, folder: Path) -> Path:
    """Write report.html, report.json and report/ into a folder; returns the page's path.

    Removes the charts of an earlier report.
    """
    charts = report.charts()
    figures = json.dumps(report.figures, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(folder / "report.json", f"{figures}\n")
    for name, chart in charts.items():
        write_atomically(folder / "report" / f"{name}.png", chart.drawing.png())
    for file in (folder / "report").glob("*.png"):
        if file.stem not in charts:
            file.unlink(missing_ok=True)
    page = folder / "report.html"
    write_atomically(page, render_page(report, charts))
    return page


def render_page(report: Report, charts: Mapping[str, Chart]) -> str:
    """The page as HTML; the same report gives the same page."""
    figures = report.figures
    subject = figures["target"]
    if figures["images"]:
        subject += f", {times.format_span(figures['first'], figures['last'])} (UTC)"
    return pages.render(
        TEMPLATE,
        figures=figures,
        charts=charts,
        count=count,
        format_time=times.format_time,
        headline=report_summary.headline(figures),
        subject=subject,
        lead=report_summary.lead(figures),
        notices=list(report_summary.notices(figures, report.commands)),
        tiles=list(report_summary.tiles(figures)),
        several=report_summary.has_several_sources(figures),
        sources=report_sections.source_table(figures),
        outcomes=report_sections.outcome_table(figures),
        accuracy=report_sections.accuracy_table(figures),
        confusion=report_sections.confusion_grid(figures),
        galleries=galleries.galleries(report.table, report.traffic, figures["gallery"]),
        drift=_drift_notice(figures),
        drift_table=report_sections.drift_table(figures["drift"]),
        graph=report.graph,
        example=report.example,
        example_result=_execution_result(figures["execution"]),
        skipped=report_sections.skipped_lines(figures),
    )


def _drift_notice(figures: Figures) -> Notice:
    drift = figures["drift"]
    if not drift:
        return Notice("plain", "Not measured", (figures["drift_because"],))
    tone, title = {
        True: ("bad", "The images have drifted"),
        False: ("good", "No drift"),
        None: ("plain", "Too few images for a verdict"),
    }[drift["drifted"]]
    comparison = (
        f"{count(drift['images'], 'distinct image')} compared with {drift['baseline_images']:,} "
        f"held-out images of the model {drift['model']}. "
        f"At most {percent(drift['alpha'])} of such windows are false alarms."
    )
    return Notice(tone, title, (comparison,), tuple(drift["sentences"]))


def _execution_result(execution: Figures | None) -> str:
    """Such as "failed with NotAnImage after 250 ms"."""
    if not execution:
        return ""
    errors = [visit["error"] for visit in execution["path"] if visit["error"]]
    phrases = {"stopped": "was stopped", "running": "is running"}
    status = str(execution["status"])
    result = phrases.get(status, status)
    if UNSURE in errors[:1]:
        result = "was unsure"
    elif errors:
        result += f" with {errors[0]}"
    if execution["milliseconds"] is not None:
        result += f" after {number(execution['milliseconds'], ',.0f', 'ms')}"
    return result
