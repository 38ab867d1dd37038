"""What was found, to be read in a terminal or a log."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.drift import Finding, Value
from monitor.outcome import Drift, moment

HEADINGS = (
    "feature",
    "baseline",
    "window",
    "measure",
    "statistic",
    "p-value",
    "adjusted",
    "drifted",
)


def of(drift: Drift) -> str:
    """What was compared, the tests as a table where there are any, and what has changed in words."""
    lines = [compared(drift)]
    if drift.tests:
        rows = [HEADINGS, *(row(finding) for finding in drift.tests)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines += ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in rows]
    return "\n".join([*lines, *drift.sentences])


def compared(drift: Drift) -> str:
    span = f" of {moment(drift.since)} to {moment(drift.until)}" if drift.since else ""
    aside = [f"{drift.repeated} repeated"] if drift.repeated else []
    aside += [f"{drift.unreadable} unreadable"] if drift.unreadable else []
    left_out = f" (left out: {', '.join(aside)})" if aside else ""
    return (
        f"{drift.images} different pictures from {drift.records} records{span}{left_out} beside "
        f"{drift.baseline_images} held-out ones of the model {drift.model}; alpha {drift.alpha:g}."
    )


def row(finding: Finding) -> tuple[str, ...]:
    reading = f" ({finding.reading})" if finding.reading else ""
    return (
        finding.name,
        shown(finding.baseline),
        shown(finding.window),
        finding.measure,
        f"{finding.statistic:.3f}{reading}",
        f"{finding.p_value:.5f}",
        f"{finding.adjusted:.5f}",
        "yes" if finding.drifted else "no",
    )


def shown(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{label} {100 * share:.0f} %" for label, share in value.items())
    return f"{value:.3f}"
