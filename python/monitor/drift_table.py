"""A drift result as text for a terminal or a log."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.drift import DriftResult, FeatureValue, Finding, iso_time
from monitor.text_table import align_columns

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


def format_result(result: DriftResult) -> str:
    """The comparison in a line, a table of its tests if there are any, and the changes in words."""
    lines = [comparison_line(result)]
    if result.tests:
        lines += align_columns([HEADINGS, *map(table_row, result.tests)])
    return "\n".join([*lines, *result.sentences])


def comparison_line(result: DriftResult) -> str:
    span = ""
    if result.since:
        span = f" of {iso_time(result.since)} to {iso_time(result.until)}"
    left_out = []
    if result.repeated:
        left_out.append(f"{result.repeated} repeated")
    if result.unreadable:
        left_out.append(f"{result.unreadable} unreadable")
    aside = f" (left out: {', '.join(left_out)})" if left_out else ""
    return (
        f"{result.images} distinct images from {result.records} records{span}{aside} compared with "
        f"{result.baseline_images} held-out images of the model {result.model}; "
        f"alpha {result.alpha:g}."
    )


def table_row(finding: Finding) -> tuple[str, ...]:
    return (
        finding.name,
        format_value(finding.baseline),
        format_value(finding.window),
        finding.measure,
        format_value(finding.statistic),
        f"{finding.p_value:.5f}",
        f"{finding.adjusted:.5f}",
        "yes" if finding.drifted else "no",
    )


def format_value(value: FeatureValue) -> str:
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{label} {100 * share:.0f} %" for label, share in value.items())
    return f"{value:z.3f}"  # z: a small negative number is 0.000, not -0.000
