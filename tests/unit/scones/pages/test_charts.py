"""Charts: the marks that they show, the figures beneath them, and colours that anyone can read."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import reports
from PIL import Image

from scones.pages import charts, page, reliability
from scones.pages.charts import Drawing
from scones.training import report_charts
from scones.training.report_charts import Mark

THEME = (Path(page.__file__).parent / "theme.css").read_text()
TEST = reports.report().metrics["test"]
MARKS = (Mark("the workflow's", 0.93, 0.68, 0.978), Mark("the model's own", 0.88, 0.86, 0.971))


def positions(svg: str, group: str) -> list[float]:
    """The x coordinates of the marks in the group of this id."""
    marks = svg[svg.index(f'id="{group}"') :].partition("</g>")[0]
    return [float(x) for x in re.findall(r'<use href="[^"]+" x="([^"]+)"', marks)]


def test_reliability_marks_every_bin_and_counts_its_images() -> None:
    chart = reliability.diagram(TEST["reliability"])
    assert chart is not None
    bins = len(TEST["reliability"])
    assert f"in {bins} bins" in chart.svg
    assert len(positions(chart.svg, "reliability-bins")) == bins
    assert all(f">{bin_['images']}</text>" in chart.svg for bin_ in TEST["reliability"])
    assert chart.table is not None
    assert len(chart.table.rows) == bins


def test_coverage_draws_the_curve_the_target_and_the_thresholds() -> None:
    curve = TEST["coverage"][:: len(TEST["coverage"]) // 20]
    chart = report_charts.coverage(curve, 0.99, MARKS)
    assert chart is not None
    points = positions(chart.svg, "coverage-curve")
    assert len(points) == len(curve)
    assert points == sorted(points)
    [workflows], [own] = (positions(chart.svg, f"coverage-threshold-{number}") for number in (1, 2))
    assert points[0] < workflows < own < points[-1]
    for label in ("target: 99.0\u202f% right", "≥ 0.93: the workflow's", "≥ 0.88: the model's own"):
        assert label in chart.svg
    assert chart.table is not None
    assert len(chart.table.rows) == report_charts.ROWS
    assert chart.table.rows[0][0] > chart.table.rows[-1][0], "the surest answers first"


def test_coverage_needs_no_target_and_no_thresholds() -> None:
    chart = report_charts.coverage(TEST["coverage"][:1], None, ())
    assert chart is not None
    assert "target" not in chart.svg


@pytest.mark.parametrize("epochs", [1, 2, 9])
def test_training_curves_have_a_point_for_every_epoch(epochs: int) -> None:
    chart = report_charts.history(reports.history(epochs))
    assert chart is not None
    for curve in ("history-loss", "history-accuracy"):
        assert len(positions(chart.svg, curve)) == epochs
    assert f"over {epochs} epoch" in chart.svg
    assert chart.table is not None
    assert [row[0] for row in chart.table.rows] == [str(epoch) for epoch in range(1, epochs + 1)]


def test_nothing_to_draw_makes_no_chart() -> None:
    assert reliability.diagram([]) is None
    assert report_charts.coverage([], 0.99, ()) is None
    assert report_charts.history([]) is None


def test_a_chart_uses_only_the_colours_of_the_theme() -> None:
    chart = report_charts.coverage(TEST["coverage"], 0.99, MARKS)
    assert chart is not None
    assert re.findall("#[0-9a-f]{6}", chart.svg) == []
    used = set(re.findall(r"var\(--(\w+)\)", chart.svg))
    assert {"ink", "muted", "line", "accent", "second"} == used
    assert all(f"--{name}:" in THEME for name in charts.COLOUR_NAMES)


def test_a_chart_has_a_description_and_unique_ids() -> None:
    svg = Drawing(
        "name", 'a "quoted" description', 2, lambda figure: figure.subplots().plot([1, 2])
    ).svg()
    assert 'aria-label="a &quot;quoted&quot; description"' in svg
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert ids
    assert all(element_id.startswith("name-") for element_id in ids)
    references = re.findall(r'(?:href="#|url\(#)([^")]+)', svg)
    assert set(references) <= set(ids)


def test_a_png_file_has_the_light_colours_on_white() -> None:
    drawing = Drawing(
        "name", "A line", 2, lambda figure: figure.subplots().plot([1, 2], color=charts.ACCENT)
    )
    with Image.open(io.BytesIO(drawing.png())) as image:
        assert image.size == (round(charts.WIDTH * charts.RESOLUTION), 2 * charts.RESOLUTION)
        colours = {colour[:3] for _, colour in image.convert("RGB").getcolors(1 << 24)}
    accent = charts.light_colours()["accent"]
    assert {(255, 255, 255), tuple(bytes.fromhex(accent[1:]))} <= colours


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_on_every_background(scheme: str) -> None:
    dark = THEME.index("prefers-color-scheme: dark")
    rules = {"light": THEME[:dark], "dark": THEME[dark : THEME.index("* {")]}[scheme]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", rules))
    for words in (
        "ink",
        "muted",
        "accent",
        "second",
        "third",
        "fourth",
        "fifth",
        "good",
        "warn",
        "bad",
    ):
        for ground in ("ground", "surface"):
            assert contrast(colours[words], colours[ground]) >= 4.5, (words, ground)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2.2; its success criterion 1.4.3 requires 4.5."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_long_training_curves_are_smoothed_and_the_caption_says_how() -> None:
    chart = report_charts.history(reports.history(100))
    assert chart is not None
    assert chart.caption.startswith("Thick lines are means of 7 epochs, thin lines single epochs.")
    short = report_charts.history(reports.history(24))
    assert short is not None
    assert "Thick lines" not in short.caption


def test_a_moving_mean_reaches_as_far_on_either_side() -> None:
    assert report_charts.smooth([0, 3, 6, 3, 0], 3) == [0, 3, 4, 3, 0]
    assert report_charts.smooth([0, 1, 2, 3, 14], 5) == [0, 1, 4, 19 / 3, 14]
