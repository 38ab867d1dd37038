"""The charts of the traffic report: few images, many images, many classes."""

from __future__ import annotations

import math
import re
import warnings
from pathlib import Path

import pytest
import traffic_reports
from captured import record
from matplotlib.figure import Figure
from traffic_reports import execution, report

from scones.reporting import time_charts


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


def test_a_line_is_interrupted_where_no_images_came() -> None:
    minute = 60 / 86400
    days = [20_000 + number * minute for number in (0, 1, 2, 12, 13, 15)]
    x, y = time_charts.break_at_idle(days, [1, 2, 3, 4, 5, 6], seconds=60)
    assert [value for value in y if not math.isnan(value)] == [1, 2, 3, 4, 5, 6]
    assert [index for index, value in enumerate(x) if math.isnan(value)] == [3]
    assert math.isnan(y[3])


def test_the_latency_line_is_interrupted_where_no_images_came(tmp_path: Path) -> None:
    numbers = [*range(30), *range(600, 630)]
    built = report(
        [record(number) for number in numbers],
        tmp_path,
        account=True,
        executions=tuple(execution(number, milliseconds=12_500) for number in reversed(numbers)),
    )
    svg = built.charts()["latency"].svg
    line = svg[svg.index('id="latency-p50"') :].partition("</g>")[0]
    assert len(re.findall(r"\bM ", line.partition("clip-path")[0])) == 2
    assert ">12,000</text>" in svg
    assert ">12000</text>" not in svg


@pytest.mark.parametrize(
    "seconds", [1, 40, 149, 170, 3_000, 9_500, 60_000, 200_000, 9_000_000, 2e8]
)
def test_a_time_axis_has_few_ticks_and_no_warnings(seconds: float) -> None:
    figure = Figure()
    axes = figure.subplots()
    first = 20_000.37
    with warnings.catch_warnings(action="error"):
        time_charts.time_axis(axes, first, first + seconds / 86400)
        figure.canvas.draw()
    assert 1 <= len(axes.get_xticks()) <= 9
