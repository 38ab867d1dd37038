"""The charts of the traffic report: few images, many images, many classes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import traffic_reports
from captured import record
from traffic_reports import report


@pytest.mark.parametrize("count", [1, 7, 600, 3000])
def test_charts_are_drawn_of_few_images_and_of_many(tmp_path: Path, count: int) -> None:
    charts = report(traffic_reports.answers(count), tmp_path).charts()
    assert set(charts) == {"confidence", "histogram", "outcomes", "classes"}
    for chart in charts.values():
        assert len(chart.svg) < 250_000
        assert re.findall("#[0-9a-f]{6}", chart.svg) == [], "no colours but the theme's"
        assert chart.table is not None
        assert 1 <= len(chart.table.rows) <= 25


def test_charts_of_a_hundred_classes_show_the_most_frequent(tmp_path: Path) -> None:
    records = [
        record(n, tuple(0.9 if label == n else 0.1 / 99 for label in range(100)))
        for n in range(100)
    ]
    built = report([*records, record(100, records[0].answer)], tmp_path)
    assert "class 0" in built.charts()["classes"].svg
    assert "others" in built.charts()["classes"].svg
    assert "95 rarer classes left out" in built.charts()["histogram"].caption
