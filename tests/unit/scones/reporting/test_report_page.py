"""The traffic report: the content of its page, its figures and its charts, and valid HTML."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise
from pathlib import Path

import captured
import pytest
import traffic_reports
from captured import record
from html_pages import Page
from PIL import Image
from traffic_reports import DRIFT, full_report, probabilities, report

from scones.reporting.report_page import Report, render_page, write_report

SECTIONS = [
    "Confidence",
    "What happened",
    "Accuracy and calibration",
    "Images",
    "Drift",
    "Paths through the workflow",
    "Origin of the figures",
]


def read(built: Report, *names: str) -> Page:
    """The page with only the charts of these names: drawing all of them takes longest."""
    charts = built.charts()
    return Page(render_page(built, {name: charts[name] for name in names}))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a written report with every part; drawing its charts takes two seconds."""
    folder = tmp_path_factory.mktemp("full")
    for name in ("captures", "report"):
        (folder / name).mkdir()
    (folder / "report" / "earlier.png").write_bytes(b"")
    built = full_report(folder / "captures")
    assert write_report(built, folder) == folder / "report.html"
    return folder


@pytest.fixture(scope="module")
def source(written: Path) -> str:
    return (written / "report.html").read_text()


@pytest.fixture(scope="module")
def full_page(source: str) -> Page:
    return Page(source)


def titles(page: Page) -> list[str]:
    """Those of the sections, without notices."""
    ids = {
        attributes["aria-labelledby"]
        for attributes in page.all("section")
        if attributes.get("class") == "section"
    }
    assert ids <= {attributes.get("id") for attributes in page.all("h2")}
    return [title for level, title in page.headings if level == "h2"][-len(ids) :]


def test_the_page_begins_with_the_finding_the_time_and_the_outcomes(tmp_path: Path) -> None:
    page = read(report([record(0), record(60, probabilities(0.5)), record(90, None)], tmp_path))
    assert page.headings[0] == ("h1", "1 of 3 images accepted")
    assert "local, 20 November 2026, 08:30:00 to 08:31:30 (UTC)" in page.text
    assert "3 images: 1 accepted, 1 unsure (for human review) and 1 without an answer." in page.text


def test_the_headline_figures_are_on_tiles(full_page: Page) -> None:
    text = full_page.text
    for tile in (
        "Images 62 60 captured records",
        "Accepted 64.5 % 40, at ≥ 0.93",
        "Unsure 32.3 % 20, for human review",
        "Failed 2 1 NotAnImage and 1 States.Timeout",
        "Median confidence 9",
        "Median latency 24",
        "Correct 80.0 %",
    ):
        assert tile in text


def test_every_part_has_its_heading_and_the_list_of_contents_leads_to_each(full_page: Page) -> None:
    assert titles(full_page) == SECTIONS
    links = [attributes["href"].removeprefix("#") for attributes in full_page.all("a")]
    assert len(links) == len(SECTIONS) + 1
    assert set(links) <= {
        attributes["id"] for _, attributes in full_page.elements if "id" in attributes
    }


def test_without_an_account_the_page_lists_what_is_not_available(tmp_path: Path) -> None:
    page = read(report(traffic_reports.answers(), tmp_path), "classes")
    assert "Not available" in titles(page)
    assert "Accuracy and calibration" not in titles(page)
    for words in (
        "no account was queried",
        "there is no ground truth for these images",
        "No model to compare with",
    ):
        assert words in page.text


def test_failures_are_reported_with_every_error_and_a_remedy_for_each(full_page: Page) -> None:
    text = full_page.text
    assert (
        "2 images failed 1 input was not a usable image and would fail again: "
        "correct what sends the images. "
        "After fixing the cause, redrive the others: make redrive SINCE=24h." in text
    )
    assert "1 × NotAnImage 1 × States.Timeout" in text  # noqa: RUF001


def test_two_endpoints_are_listed_at_the_top(tmp_path: Path) -> None:
    page = read(
        report(
            [
                record(1),
                record(2, endpoint="another"),
                record(3, probabilities(0.5), endpoint="another"),
            ],
            tmp_path,
        )
    )
    assert page.headings[1] == ("h2", "More than one endpoint, variant or model answered")
    assert titles(page)[0] == "Endpoints, variants and models"
    assert f"{captured.ENDPOINT} / AllTraffic 1 1 0 0" in page.text
    assert "another / AllTraffic 2 1 1 0" in page.text


def test_answers_of_another_model_are_pointed_out(tmp_path: Path) -> None:
    page = read(report([record(1), record(2, (0.1, 0.2, 0.7))], tmp_path))
    assert "1 answer of another model" in page.text
    assert "class 2" in page.text


def test_a_model_trained_on_drawn_images_is_pointed_out(tmp_path: Path, full_page: Page) -> None:
    built = report([record(0)], tmp_path, drawn=True)
    assert "a drawn sample, not on photographs" in read(built).text
    assert built.figures["drawn"] is True
    assert "drawn sample" not in full_page.text


def test_drift_is_reported_at_the_top_and_by_feature(tmp_path: Path, full_page: Page) -> None:
    assert ("h2", "The images have drifted from the model's baseline") in full_page.headings
    assert (
        "200 distinct images compared with 100 held-out images of the model scones-local-1."
        in full_page.text
    )
    assert "embedding (drifted)" in full_page.text
    assert "bicycle 60 %, motorcycle 40 %" in full_page.text
    calm = read(report(traffic_reports.answers(), tmp_path, {**DRIFT, "drifted": False}), "classes")
    assert "No drift" in calm.text
    assert "have drifted" not in calm.text
    unknown = read(
        report(traffic_reports.answers(), tmp_path, {**DRIFT, "drifted": None, "tests": []}),
        "classes",
    )
    assert "Too few images for a verdict" in unknown.text


def test_skipped_lines_are_counted_and_escaped(tmp_path: Path) -> None:
    captured.write(tmp_path, ["<script>alert(1)</script>\n"] * 7)
    built = report([record(1)], tmp_path)
    page = read(built)
    assert "7 lines or files skipped" in page.text
    assert f"{captured.key()}, line 7: It is not JSON: <script>alert(1)</script>" in page.text
    assert page.all("script") == []
    assert (built.figures["skipped"], len(built.figures["skipped_named"])) == (7, 7)


def test_images_of_low_confidence_are_shown_with_their_answers(full_page: Page) -> None:
    shown = [attributes["alt"] for attributes in full_page.all("img")]
    assert len(shown) == 20 + 24
    assert re.fullmatch(
        r"Answered bicycle at 50.0.%: unsure, correct, 20 Nov, 08:30:00\.", shown[0]
    )
    assert all(
        attributes["src"].startswith("data:image/png;base64,")
        for attributes in full_page.all("img")
    )
    assert "unsure; shows bicycle" not in shown[0]


def test_an_undecodable_image_has_a_placeholder_and_its_name(tmp_path: Path) -> None:
    built = report([record(1, body=b"hello"), record(2)], tmp_path)
    page = read(built)
    [lost] = [attributes for attributes in page.all("span") if attributes.get("class") == "lost"]
    assert lost["aria-label"] == "image-1 cannot be shown: 5 bytes that are not an image."
    assert built.figures["undecodable_named"] == [
        {"name": "image-1", "reason": "5 bytes that are not an image."}
    ]


def test_the_graph_counts_the_paths_and_an_execution_is_drawn(
    tmp_path: Path, full_page: Page
) -> None:
    built = full_report(tmp_path)
    ways = built.figures["ways"]
    assert (
        ways["states"]["Route driver"],
        ways["states"]["Queue for review"],
        ways["states"]["Unusable image"],
    ) == (
        40,
        20,
        2,
    )
    assert (ways["states"]["Serialize image"], ways["unknown"]) == (62, 0)
    assert built.figures["execution"]["path"][0]["error"] == "NotAnImage"
    assert "image-61, which failed with NotAnImage after 250 ms." in full_page.text


def test_without_captures_the_report_is_empty(tmp_path: Path) -> None:
    built = report([], tmp_path)
    page = read(built)
    assert page.headings == [
        ("h1", "No traffic"),
        ("h2", "Nothing to show"),
        ("h2", "Origin of the figures"),
    ]
    assert "There is no captured traffic in a folder for this window." in page.text
    assert "make simulate" in page.text
    assert built.charts() == {}
    assert (built.figures["records"], built.figures["first"], built.figures["drift"]) == (
        0,
        None,
        None,
    )


def test_every_figure_is_in_the_json_and_every_chart_is_a_png_file(written: Path) -> None:
    figures = json.loads((written / "report.json").read_text())
    keys = (
        "records endpoints first last accepted unsure failed classes "
        "confidence threshold drift skipped truth"
    )
    assert set(keys.split()) <= set(figures)
    assert (
        figures["records"],
        figures["accepted"],
        figures["unsure"],
        figures["failed"],
        figures["skipped"],
    ) == (
        60,
        40,
        20,
        2,
        0,
    )
    assert set(figures["confidence"]) == {"mean", "p10", "p50"}
    names = {
        "confidence",
        "histogram",
        "outcomes",
        "classes",
        "latency",
        "reliability",
        "execution",
    }
    assert {file.stem for file in (written / "report").iterdir()} == names
    for name in names:
        with Image.open(io.BytesIO((written / "report" / f"{name}.png").read_bytes())) as image:
            assert image.width > 900
            assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_the_same_report_makes_the_same_page(tmp_path: Path, source: str) -> None:
    again = full_report(tmp_path)
    assert render_page(again, again.charts()) == source


def test_the_page_needs_no_network_and_is_valid(source: str) -> None:
    page = Page(source)
    assert re.findall(r"(?:https?:)?//[a-z0-9.]+", source.replace("http://www.w3.org", "")) == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert [level for level, _ in page.headings].count("h1") == 1
    assert all(
        int(after[1]) <= int(before[1]) + 1 for (before, _), (after, _) in pairwise(page.headings)
    )
    assert all(attributes.get("alt") for attributes in page.all("img"))
    assert all(attributes.get("aria-label") for attributes in page.all("svg"))
