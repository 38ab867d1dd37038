"""Summarizes a simulation at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scones.simulation import machine_limit
from scones.simulation.settings import Settings
from scones.simulation.tally import Tally
from scones.simulation.traffic import Traffic
from scones.tables import Column, format_table
from scones.workflow import outcomes
from scones.workflow.evaluation import percentile

FATES = {
    "right": "routed right",
    "wrong": "routed wrong",
    "unsure": "unsure",
    "failed": "failed",
}
# The same for the columns of a table, which fit the narrowest terminal.
HEADINGS = {"right": "right", "wrong": "wrong", "unsure": "unsure", "failed": "failed"}
OPEN = "still running"
LATE = 1.0
MAX_LISTED = 3  # failed executions


def fate_table(tally: Tally, classes: Sequence[str], width: int | None = None) -> str:
    """A row for each true class; those that the model does not have come last.

    The result line has the totals.
    """
    counts = {name: Counter[str]() for name in classes}
    for sent in tally.sent.values():
        fates = counts.setdefault(sent.image.truth, Counter())
        fates[tally.fate(sent)] += 1
    headings = dict(HEADINGS)
    if tally.open:
        headings["open"] = "running"
    rows = []
    for name, fates in counts.items():
        if fates:
            title = name if name in classes else f"{name} (no class)"
            cells = [str(fates[fate]) for fate in headings]
            rows.append((title, str(fates.total()), *cells))
    columns = [Column(heading, numbers=True) for heading in headings.values()]
    return format_table([Column("truth"), Column("sent", numbers=True), *columns], rows, width)


def pace_line(traffic: Traffic) -> str:
    """Milliseconds from start to end of the executions with an answer, and the rate of sending."""
    latencies = traffic.tally.latencies
    rate = len(traffic.tally.sent) / max(traffic.seconds, 0.001)
    line = f"{rate:.1f} images per second for {traffic.seconds:.1f} s"
    if latencies:
        line = f"p50 {percentile(latencies, 50)} ms, p95 {percentile(latencies, 95)} ms; {line}"
    return line


def remarks(traffic: Traffic, settings: Settings, drawn: bool, local: bool) -> list[str]:
    """What the user should know about the result.

    `drawn` are the staged images; `local` is the account, on this machine.
    """
    tally = traffic.tally
    lines = []
    if drawn:
        lines.append(
            "The images are a drawn sample, not photographs: "
            "the figures say nothing about real vehicles."
        )
    managed = machine_limit.managed_rate(tally) if local else None
    if managed is not None:
        lines.append(
            f"This machine manages {managed:.1f} images per second; RATE={settings.rate:g} was "
            "asked, so executions waited for the processor."
        )
    if tally.missed:
        lines.append(
            f"{len(tally.missed)} of {settings.image_count} images were not sent in time. "
            f"{tally.missed[0].why} Set a lower RATE."
        )
    delays = [sent.late for sent in tally.sent.values() if sent.late > LATE]
    if delays:
        lines.append(
            f"{len(delays)} images were sent more than {LATE:g} s late, "
            f"at most {max(delays):.1f} s."
        )
    if tally.open:
        lines.append(f"{tally.open} executions were still running at the end.")
    return lines + _failures(tally)


def result_line(traffic: Traffic) -> str:
    tally = traffic.tally
    counts = Counter[str](tally.fate(sent) for sent in tally.sent.values())
    parts = [f"{counts[fate]} {title}" for fate, title in FATES.items()]
    if counts["open"]:
        parts.append(f"{counts['open']} {OPEN}")
    return f"Sent {len(tally.sent)} images: {', '.join(parts)}."


def _failures(tally: Tally) -> list[str]:
    failed = [outcome for outcome in tally.outcomes.values() if outcome.status == "failed"]
    if not failed:
        return []
    errors = Counter(outcome.error for outcome in failed)
    counts = ", ".join(f"{count} {error}" for error, count in errors.most_common())
    lines = [f"{len(failed)} of {len(tally.sent)} executions failed: {counts}."]
    for outcome in failed[:MAX_LISTED]:
        lines.append(f"  {outcome.s3_key}: {outcome.error}: {outcome.cause}")
    if len(failed) > MAX_LISTED:
        lines.append(f"  and {len(failed) - MAX_LISTED} more")
    remedy = outcomes.remedy(errors)
    if remedy:
        lines.append(remedy)
    return lines
