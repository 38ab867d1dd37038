"""What a simulation says at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scones.simulation.settings import Settings
from scones.simulation.tally import Tally
from scones.simulation.traffic import Drive
from scones.workflow.evaluation import percentile

FATES = {"right": "routed right", "wrong": "routed wrong", "unsure": "unsure", "failed": "failed"}
OPEN = "still under way"
LATE = 1.0
FEW = 3


def table(tally: Tally, classes: Sequence[str]) -> str:
    """A row for each true class, those that the model does not know last."""
    counts = {name: Counter[str]() for name in classes}
    for sent in tally.sent.values():
        counts.setdefault(sent.picture.truth, Counter())[tally.fate(sent)] += 1
    columns = {**FATES, **({"open": OPEN} if tally.open else {})}
    rows = [
        (name if name in classes else f"{name} (no class)", row)
        for name, row in counts.items()
        if row
    ]
    rows.append(("all", sum(counts.values(), Counter())))
    width = max(len("truth"), *(len(name) for name, _ in rows))
    lines = [
        f"{'truth':<{width}}  {'sent':>6}  " + "  ".join(f"{head:>12}" for head in columns.values())
    ]
    for name, row in rows:
        cells = "  ".join(f"{row[fate]:>12}" for fate in columns)
        lines.append(f"{name:<{width}}  {row.total():>6}  {cells}")
    return "\n".join(lines)


def pace(drive: Drive) -> str:
    """Milliseconds from start to end of the executions that gave an answer, and the rate of the sending."""
    latencies, sent = drive.tally.latencies, len(drive.tally.sent)
    shown = (
        f"p50 {percentile(latencies, 50)} ms, p95 {percentile(latencies, 95)} ms; "
        if latencies
        else ""
    )
    return f"{shown}{sent} sent in {drive.seconds:.1f} s, {sent / max(drive.seconds, 0.001):.1f} a second"


def remarks(drive: Drive, settings: Settings, drawn: bool) -> list[str]:
    """What was not as it should be, a sentence or two each; also that the staged images are `drawn`."""
    tally, said = drive.tally, []
    if drawn:
        said.append(
            "The pictures are a drawn sample, not photographs: the figures say nothing about real vehicles."
        )
    if tally.missed:
        said.append(
            f"{len(tally.missed)} of {settings.pictures} pictures were not sent in time. {tally.missed[0].why} "
            "Ask for a lower RATE."
        )
    if late := sum(sent.late > LATE for sent in tally.sent.values()):
        worst = max(sent.late for sent in tally.sent.values())
        said.append(f"{late} pictures were sent more than {LATE:g} s late, at most {worst:.1f} s.")
    if tally.open:
        said.append(f"{tally.open} executions were still under way at the end.")
    failed = [outcome for outcome in tally.outcomes.values() if outcome.status == "failed"]
    if failed:
        names = Counter(str(outcome.error) for outcome in failed)
        counts = ", ".join(f"{count} {name}" for name, count in names.most_common())
        said.append(f"{len(failed)} of {len(tally.sent)} executions failed: {counts}.")
        said += [
            f"  {outcome.s3_key}: {outcome.error}: {outcome.cause}" for outcome in failed[:FEW]
        ]
        said += [f"  and {len(failed) - FEW} more"] if len(failed) > FEW else []
    return said


def result(drive: Drive) -> str:
    """The result line."""
    tally = drive.tally
    counts: Counter[str] = Counter(tally.fate(sent) for sent in tally.sent.values())
    fates = ", ".join(f"{counts[fate]} {name}" for fate, name in FATES.items())
    pending = f", {counts['open']} {OPEN}" if counts["open"] else ""
    return f"Sent {len(tally.sent)} pictures: {fates}{pending}."
