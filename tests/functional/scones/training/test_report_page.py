"""The training report in a browser: wide and narrow, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import reports
from browser import console, cut_off, needs_browser, overflow, window

from scones.training.report import report_page

OPEN_ALL = "document.querySelectorAll('details').forEach(details => details.open = true)"
# The tiles of a grid without holes fill every row: each ends where the widest does.
ROW_ENDS = """
const rows = new Map();
for (const tile of document.querySelectorAll('.tile')) {
  const box = tile.getBoundingClientRect();
  rows.set(box.top, Math.max(rows.get(box.top) || 0, Math.round(box.right)));
}
return [...rows.values()];
"""


@needs_browser
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_nothing_is_cut_off_and_the_tiles_fill_their_rows(
    chromium: Any, tmp_path: Path, width: int, dark: bool
) -> None:
    page = tmp_path / "training-report.html"
    page.write_text(report_page(reports.report()))
    with window(chromium, width, dark=dark) as driver:
        driver.get(page.as_uri())
        driver.execute_script(OPEN_ALL)
        assert overflow(driver) == 0
        assert cut_off(driver) == []
        assert console(driver) == []
        ends = driver.execute_script(ROW_ENDS)
        assert len(ends) > 1
        assert len(set(ends)) == 1
