"""The top of the traffic report: its lead, notices and headline figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scones.pages.page import Notice, Tile
from scones.pages.wording import count, join_names, number, percent, percent_interval
from scones.reporting import late_captures
from scones.reporting.figures import Figures
from scones.reporting.report_sections import skipped_lines

SKIPPED_SHOWN = 5  # in the notice; the section lists all that are named
SENTENCES_SHOWN = 3  # on drift, likewise


def headline(figures: Figures) -> str:
    """The finding, such as "326 of 419 images accepted"."""
    total = figures["images"]
    if not total:
        return "No traffic"
    return f"{figures['accepted']:,} of {count(total, 'image')} accepted"


def lead(figures: Figures) -> str:
    """The outcomes, and what is left out."""
    total = figures["images"]
    direct = direct_sentence(figures)
    if not total:
        nothing = f"There is no captured traffic in {figures['source']} for this window."
        return f"{nothing} {direct}".rstrip()
    phrases = {
        "accepted": "accepted",
        "unsure": "unsure (for human review)",
        "failed": "failed",
        "running": "still running",
        "unanswered": "without an answer",
    }
    outcomes = [f"{figures[name]:,} {phrase}" for name, phrase in phrases.items() if figures[name]]
    return f"{count(total, 'image')}: {join_names(outcomes)}. {direct}".rstrip()


def direct_sentence(figures: Figures) -> str:
    """How many requests did not come through the workflow; empty if all did."""
    if not figures["direct"]:
        return ""
    verb = "is" if figures["direct"] == 1 else "are"
    return (
        f"{count(figures['direct'], 'more request')} did not come through the workflow and {verb} "
        "left out: apply's check of the endpoint, or direct calls."
    )


def has_several_sources(figures: Figures) -> bool:
    """Whether several endpoints, variants or models answered."""
    captured = [source for source in figures["endpoints"] if source["captured"]]
    return len(captured) > 1


def notices(figures: Figures, commands: Mapping[str, str]) -> Iterator[Notice]:
    if not figures["images"]:
        remedy = (
            f"Send traffic with {commands['simulate']}, "
            f"or set an earlier start: {commands['report']} SINCE=7d."
        )
        yield Notice("plain", "Nothing to show", (remedy,))
    if figures["late"]:
        remark = late_captures.sentence(figures["late"], commands["report"])
        yield Notice("plain", "Captures are still on the way", (remark,))
    if figures["failed"]:
        errors = [f"{images:,} × {name}" for name, images in figures["errors"].items()]  # noqa: RUF001
        title = f"{count(figures['failed'], 'image')} failed"
        yield Notice("bad", title, tuple(_remedies(figures, commands)), tuple(errors))
    drift = figures["drift"]
    if drift and drift["drifted"]:
        sentences = tuple(drift["sentences"][:SENTENCES_SHOWN])
        yield Notice("bad", "The images have drifted from the model's baseline", (), sentences)
    if has_several_sources(figures):
        yield Notice(
            "warn",
            "More than one endpoint, variant or model answered",
            ("The charts show all of them together; the table lists each.",),
        )
    if figures["drawn"]:
        yield Notice(
            "warn",
            "The model was trained on a drawn sample, not on photographs",
            ("The figures show that the workflow works, but not how it classifies photographs.",),
        )
    if figures["foreign"]:
        explanation = (
            f"The settings name {count(figures['named_classes'], 'class', 'classes')}; "
            "classes of answers with another number of probabilities are named by position."
        )
        title = f"{count(figures['foreign'], 'answer')} of another model"
        yield Notice("warn", title, (explanation,))
    if figures["skipped"]:
        lines = skipped_lines(figures, SKIPPED_SHOWN)
        title = f"{count(figures['skipped'], 'line or file', 'lines or files')} skipped"
        yield Notice("warn", title, ("The figures do not include them.",), tuple(lines))


def tiles(figures: Figures) -> Iterator[Tile]:
    total = figures["images"]
    if not total:
        return
    records = count(figures["records"], "captured record")
    if figures["direct"]:
        records += f", {figures['direct']:,} of them direct"
    yield Tile("Images", f"{total:,}", records)
    threshold = figures["threshold"]
    condition = "no threshold is set" if threshold is None else f"≥ {threshold:.3g}"
    accepted = figures["accepted"]
    yield Tile("Accepted", percent(accepted / total), f"{accepted:,}, at {condition}")
    unsure = figures["unsure"]
    yield Tile("Unsure", percent(unsure / total), f"{unsure:,}, for human review")
    yield Tile("Failed", f"{figures['failed']:,}", _failures(figures))
    confidence = figures["confidence"]
    if confidence["p50"] is not None:
        remark = f"a tenth are below {percent(confidence['p10'])}"
        yield Tile("Median confidence", percent(confidence["p50"]), remark)
    if milliseconds := figures["latency_ms"]:
        remark = f"95th percentile {number(milliseconds['p95'], ',.0f', 'ms')}"
        yield Tile("Median latency", number(milliseconds["p50"], ",.0f", "ms"), remark)
    drift = figures["drift"]
    if drift and drift["drifted"] is not None:
        verdict = "found" if drift["drifted"] else "none"
        yield Tile("Drift", verdict, f"in {count(drift['images'], 'image')}")
    if accuracy := figures["truth"]:
        interval = percent_interval(accuracy["accuracy_interval"])
        remark = f"of {accuracy['images']:,} with ground truth; {interval}"
        yield Tile("Correct", percent(accuracy["accuracy"]), remark)


def _failures(figures: Figures) -> str:
    if figures["failed"]:
        return join_names([f"{images:,} {name}" for name, images in figures["errors"].items()])
    if not figures["executions"]:
        return "no execution is known"
    return f"of {count(sum(figures['executions'].values()), 'execution')}"


def _remedies(figures: Figures, commands: Mapping[str, str]) -> Iterator[str]:
    """What to do about failed images; an input that cannot be used fails again if redriven."""
    unusable = sum(
        images for name, images in figures["errors"].items() if name in figures["input_errors"]
    )
    others = figures["failed"] - unusable
    if unusable:
        inputs = count(unusable, "input was", "inputs were")
        yield f"{inputs} not a usable image and would fail again: correct what sends the images."
    if others:
        them = "the others" if unusable else "them"
        yield f"After fixing the cause, redrive {them}: {commands['redrive']} SINCE=24h."
