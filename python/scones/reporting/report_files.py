"""Where a traffic report goes: a page, its figures, and its charts as PNG files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from scones.files import write_atomically
from scones.pages.page import Chart
from scones.reporting import report_page
from scones.reporting.report_page import Report

PAGE, FIGURES, CHARTS = "report.html", "report.json", "report"


def write(report: Report, folder: Path) -> Path:
    """Write the report into a folder, in place of one that lies there; returns the page's path."""
    charts = report.charts()
    write_atomically(
        folder / FIGURES,
        json.dumps(report.figures, indent=2, ensure_ascii=False, allow_nan=False) + "\n",
    )
    write_charts(charts, folder / CHARTS)
    write_atomically(folder / PAGE, report_page.page(report, charts))
    return folder / PAGE


def write_charts(charts: Mapping[str, Chart], folder: Path) -> None:
    """One PNG file for each chart; those of an earlier report that has others go away."""
    for name, chart in charts.items():
        write_atomically(folder / f"{name}.png", chart.drawing.png())
    for file in folder.glob("*.png"):
        if file.stem not in charts:
            file.unlink(missing_ok=True)
