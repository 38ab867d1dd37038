"""The traffic report: what the endpoint was shown and what came of it, on one page that needs no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scones.pages import page as pages
from scones.pages import reliability
from scones.pages.page import Chart, Notice, Tile
from scones.pages.wording import count, join_names, number, percent, percent_interval
from scones.reporting import report_charts, report_sections, times
from scones.reporting.joined import Images
from scones.reporting.traffic import Traffic
from scones.workflow.outcomes import UNSURE

TEMPLATE = "reporting/report.html"
SKIPPED_SHOWN = 5  # in the notice; all that are named stand below
SENTENCES_SHOWN = 3  # on drift, likewise

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Report:
    """What the page is made from.

    Attributes:
        figures: what report.json holds.
        coarse: the timeline in fewer spans, for tables.
        graph: the state machine with counts; `example`: one execution's way, and `timings` its chart.
        commands: how a user types verbs, by name.
    """

    figures: Figures
    coarse: Figures
    images: Images
    traffic: Traffic
    graph: str = ""
    example: str = ""
    timings: Chart | None = None
    commands: Mapping[str, str] = field(default_factory=dict)

    def charts(self) -> Mapping[str, Chart]:
        """The charts that there is something to draw for, by the name of their file."""
        figures, coarse = self.figures, self.coarse
        truth = figures["truth"] or {}
        found = {
            "confidence": report_charts.confidence(self.images, figures, coarse),
            "histogram": report_charts.histogram(figures),
            "outcomes": report_charts.outcomes(figures, coarse),
            "classes": report_charts.classes(figures, coarse),
            "latency": report_charts.latency(figures, coarse),
            "reliability": reliability.diagram(truth.get("reliability") or ()),
            "execution": self.timings,
        }
        return {name: chart for name, chart in found.items() if chart}


def page(report: Report, charts: Mapping[str, Chart]) -> str:
    """The page as HTML; the same report gives the same page."""
    figures = report.figures
    lost = report_sections.lost(report.images, report.traffic)
    galleries = [
        ("Unsure", UNSURE_NOTE, report_sections.unsure(report.images, report.traffic)),
        (
            "Least sure of the others",
            OTHERS_NOTE,
            report_sections.hardly_sure(report.images, report.traffic),
        ),
        (
            "Not decoded",
            f"{count(figures['undecodable'], 'record')} whose input is no picture.",
            lost,
        ),
    ]
    parts: dict[str, Any] = {
        "charts": charts,
        "galleries": [one for one in galleries if one[2]],
        "sources": report_sections.sources(figures),
        "several": len(_captured(figures)) > 1,
        "truth": report_sections.truth(figures),
        "confusion": report_sections.confusion(figures),
        "endings": report_sections.endings(figures),
        "graph": report.graph,
        "graph_note": _graph_note(figures),
        "example": report.example,
        "example_note": _example_note(figures),
        "drift": _drift(figures),
        "drift_table": report_sections.drift(figures["drift"]),
        "skipped": report_sections.skipped(figures),
        "missing": list(_missing(figures, charts)),
    }
    return pages.render(
        TEMPLATE,
        **parts,
        heading=times.span(figures["first"], figures["last"])
        if figures["images"]
        else "Nothing came",
        lead=_lead(figures),
        empty=not figures["images"],
        notices=list(_notices(report)),
        tiles=list(_tiles(figures)),
        contents=list(_contents(parts)),
        origin=report_sections.origin(figures),
    )


UNSURE_NOTE = "Below the threshold, so people decide; the least sure come first."
OTHERS_NOTE = (
    "Those that were accepted, and those that failed for another reason; the least sure come first."
)


def _lead(figures: Figures) -> str:
    """What came of the traffic in a sentence or two."""
    total = figures["images"]
    if not total:
        return f"There is no captured traffic in {figures['source']} for this window."
    ends = {
        "accepted": "accepted",
        "unsure": "unsure (people decide)",
        "failed": "failed",
        "running": "still running",
        "unanswered": "without an answer",
    }
    told = [f"{figures[name]:,} {words}" for name, words in ends.items() if figures[name]]
    return f"{count(total, 'picture')} came: {join_names(told)}. All times are UTC."


def _notices(report: Report) -> Iterator[Notice]:
    figures, command = report.figures, report.commands
    if not figures["images"]:
        yield Notice(
            "plain",
            "Nothing to show",
            (
                f"Send some traffic with {command['simulate']}, or name an earlier start: {command['report']} SINCE=7d.",
            ),
        )
    if figures["failed"]:
        points = tuple(f"{amount:,} × {name}" for name, amount in figures["errors"].items())  # noqa: RUF001
        remedy = f"Mend the cause, then start them again: {command['redrive']} SINCE=24h."
        yield Notice("bad", f"{count(figures['failed'], 'picture')} failed", (remedy,), points)
    if (drift := figures["drift"]) and drift["drifted"]:
        title = "The pictures have drifted from what the model was made for"
        yield Notice("bad", title, (), tuple(drift["sentences"][:SENTENCES_SHOWN]))
    if len(_captured(figures)) > 1:
        yield Notice(
            "warn",
            "More than one endpoint, variant or model answered",
            ("The charts show them together; the table tells them apart.",),
        )
    if figures["drawn"]:
        yield Notice(
            "warn",
            "The model learned from a drawn sample, not from photographs",
            ("The figures say that everything works, and nothing about pictures from a camera.",),
        )
    if figures["foreign"]:
        sentence = (
            f"The settings name {count(figures['named_classes'], 'class', 'classes')}; answers with another number of "
            "probabilities are called by their places."
        )
        yield Notice("warn", f"{count(figures['foreign'], 'answer')} of another model", (sentence,))
    if figures["skipped"]:
        named = report_sections.skipped(figures)
        more = (
            [f"and {figures['skipped'] - SKIPPED_SHOWN:,} more"]
            if figures["skipped"] > SKIPPED_SHOWN
            else []
        )
        yield Notice(
            "warn",
            f"{count(figures['skipped'], 'line or file', 'lines or files')} skipped",
            ("They are not among the figures.",),
            (*named[:SKIPPED_SHOWN], *more),
        )


def _captured(figures: Figures) -> Sequence[Figures]:
    return [one for one in figures["endpoints"] if one["captured"]]


def _tiles(figures: Figures) -> Iterator[Tile]:
    total = figures["images"]
    if not total:
        return
    yield Tile("Pictures", f"{total:,}", f"{count(figures['records'], 'captured record')}")
    at = (
        f"≥ {figures['threshold']:.3g}"
        if figures["threshold"] is not None
        else "no threshold is set"
    )
    yield Tile(
        "Accepted", percent(figures["accepted"] / total), f"{figures['accepted']:,}, at {at}"
    )
    yield Tile(
        "Unsure", percent(figures["unsure"] / total), f"{figures['unsure']:,}, for people to decide"
    )
    yield Tile("Failed", f"{figures['failed']:,}", _failures(figures))
    sure = figures["confidence"]
    if sure["p50"] is not None:
        yield Tile(
            "Median confidence", percent(sure["p50"]), f"a tenth lie below {percent(sure['p10'])}"
        )
    if took := figures["latency_ms"]:
        yield Tile(
            "Half take less than",
            number(took["p50"], ",.0f", "ms"),
            f"95 of 100 less than {number(took['p95'], ',.0f', 'ms')}",
        )
    if (drift := figures["drift"]) and drift["drifted"] is not None:
        yield Tile(
            "Drift",
            "found" if drift["drifted"] else "none",
            f"in {count(drift['images'], 'picture')}",
        )
    if known := figures["truth"]:
        interval = percent_interval(known["accuracy_interval"])
        yield Tile("Right", percent(known["accuracy"]), f"of {known['images']:,} known; {interval}")


def _failures(figures: Figures) -> str:
    if figures["failed"]:
        return join_names(list(figures["errors"])[:2])
    ran = figures["executions"]
    return f"of {count(sum(ran.values()), 'execution')}" if ran else "no execution is known"


def _drift(figures: Figures) -> Notice:
    found = figures["drift"]
    if not found:
        return Notice("plain", "Not measured", (figures["drift_because"],))
    tone, title = {
        True: ("bad", "The pictures have drifted"),
        False: ("good", "No drift"),
        None: ("plain", "Too few pictures to tell"),
    }[found["drifted"]]
    compared = (
        f"{count(found['images'], 'different picture')} beside {found['baseline_images']:,} held-out ones of the model "
        f"{found['model']}. A false alarm comes up in at most {percent(found['alpha'])} of such windows."
    )
    return Notice(tone, title, (compared,), tuple(found["sentences"]))


def _graph_note(figures: Figures) -> str:
    """How the counts on the graph came about."""
    sentence = (
        "Under each state stands how many pictures came by, on each way how many went."
        if figures["account"]
        else "As the threshold tells: without an account, nobody knows how executions ended."
    )
    unknown = figures["ways"]["unknown"]
    return sentence + (
        f" {count(unknown, 'picture')} went ways that were not looked up." if unknown else ""
    )


def _example_note(figures: Figures) -> str:
    one = figures["execution"]
    if not one:
        return ""
    error = next((visit["error"] for visit in one["path"] if visit["error"]), None)
    took = (
        "" if one["milliseconds"] is None else f" after {number(one['milliseconds'], ',.0f', 'ms')}"
    )
    ended = (
        "was unsure"
        if error == UNSURE
        else f"{ENDED[one['status']]}{f' with {error}' if error else ''}"
    )
    return f"The latest of its kind: {one['name']}, which {ended}{took}."


ENDED = {
    "succeeded": "succeeded",
    "failed": "failed",
    "stopped": "was stopped",
    "running": "is running",
}


def _missing(figures: Figures, charts: Mapping[str, Chart]) -> Iterator[str]:
    """What a reader may look for in vain, and why."""
    if not figures["account"]:
        yield "latency, failures and the way of an execution: no account was asked, as these captures are none of ours"
    elif "latency" not in charts:
        yield "latency and the way of an execution: no execution started in this window"
    if not figures["truth"]:
        yield "how many answers are right: nobody has said what these pictures show"
    if not figures["drift"]:
        yield f"drift: {figures['drift_because'].rstrip('.')}"


def _contents(parts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Id and title of every section that the page has."""
    charts = parts["charts"]
    if parts["several"]:
        yield "sources", "Who answered"
    if "confidence" in charts:
        yield "confidence", "How sure it was"
    if "outcomes" in charts:
        yield "traffic", "What came of it"
    if parts["truth"]:
        yield "truth", "What its confidence is worth"
    if parts["galleries"]:
        yield "pictures", "Pictures to look at"
    if charts:
        yield "drift", "Drift"
        yield "workflow", "Ways through the workflow"
    if parts["skipped"]:
        yield "skipped", "What was skipped"
    if charts and parts["missing"]:
        yield "missing", "What is not known here"
    yield "origin", "Where it comes from"
