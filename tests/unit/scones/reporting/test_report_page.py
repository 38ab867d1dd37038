"""The traffic report: what its page, its figures and its charts say, and that it is a good page."""

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
from traffic_reports import DRIFT, execution, full, report, sure

from scones.reporting import report_files, report_page
from scones.reporting.report_page import Report

SECTIONS = [
    "How sure it was",
    "What came of it",
    "What its confidence is worth",
    "Pictures to look at",
    "Drift",
    "Ways through the workflow",
    "Where it comes from",
]


def read(made: Report) -> Page:
    return Page(report_page.page(made, made.charts()))


def titles(page: Page) -> list[str]:
    """Those of the sections, without notices."""
    ids = {
        attributes["aria-labelledby"]
        for attributes in page.all("section")
        if attributes.get("class") == "section"
    }
    assert ids <= {attributes.get("id") for attributes in page.all("h2")}
    return [title for level, title in page.headings if level == "h2"][-len(ids) :]


def test_the_page_begins_with_the_time_and_with_what_came_of_it(tmp_path: Path) -> None:
    page = read(report([record(0), record(60, sure(0.5)), record(90, None)], tmp_path))
    assert page.headings[0] == ("h1", "20 November 2026, 08:30:00 to 08:31:30")
    assert (
        "3 pictures came: 1 accepted, 1 unsure (people decide) and 1 without an answer."
        in page.text
    )
    assert "All times are UTC." in page.text


def test_the_headline_figures_stand_on_tiles(tmp_path: Path) -> None:
    text = read(full(tmp_path)).text
    for tile in (
        "Pictures 62 60 captured records",
        "Accepted 64.5 % 40, at ≥ 0.93",
        "Unsure 32.3 % 20, for people to decide",
        "Failed 2 NotAnImage and States.Timeout",
        "Median confidence 9",
        "Half take less than 24",
        "Right 80.0 %",
    ):
        assert tile in text


def test_every_part_has_its_heading_and_the_list_of_contents_leads_to_each(tmp_path: Path) -> None:
    page = read(full(tmp_path))
    assert titles(page) == SECTIONS
    links = [attributes["href"].removeprefix("#") for attributes in page.all("a")]
    assert len(links) == len(SECTIONS) + 1
    assert set(links) <= {attributes["id"] for _, attributes in page.elements if "id" in attributes}


def test_without_an_account_the_page_says_what_it_cannot_know(tmp_path: Path) -> None:
    page = read(report(traffic_reports.answers(), tmp_path))
    assert "What is not known here" in titles(page)
    assert "What its confidence is worth" not in titles(page)
    for words in (
        "no account was asked",
        "nobody has said what these pictures show",
        "No model to compare with",
    ):
        assert words in page.text


def test_failures_are_told_with_their_errors_and_how_to_start_them_again(tmp_path: Path) -> None:
    text = read(full(tmp_path)).text
    assert (
        "2 pictures failed Mend the cause, then start them again: make redrive SINCE=24h." in text
    )
    assert "1 × NotAnImage 1 × States.Timeout" in text  # noqa: RUF001


def test_two_endpoints_are_told_apart_at_the_top(tmp_path: Path) -> None:
    page = read(
        report(
            [record(1), record(2, endpoint="another"), record(3, sure(0.5), endpoint="another")],
            tmp_path,
        )
    )
    assert page.headings[1] == ("h2", "More than one endpoint, variant or model answered")
    assert titles(page)[0] == "Who answered"
    assert f"{captured.ENDPOINT} / AllTraffic 1 1 0 0" in page.text
    assert "another / AllTraffic 2 1 1 0" in page.text


def test_answers_of_another_model_are_pointed_out(tmp_path: Path) -> None:
    page = read(report([record(1), record(2, (0.1, 0.2, 0.7))], tmp_path))
    assert "1 answer of another model" in page.text
    assert "class 2" in page.text


def test_a_model_that_never_saw_a_photograph_is_pointed_out(tmp_path: Path) -> None:
    made = report([record(0)], tmp_path, drawn=True)
    assert "a drawn sample, not from photographs" in read(made).text
    assert made.figures["drawn"] is True
    assert "drawn sample" not in read(full(tmp_path)).text


def test_drift_is_told_at_the_top_and_feature_by_feature(tmp_path: Path) -> None:
    page = read(full(tmp_path))
    assert ("h2", "The pictures have drifted from what the model was made for") in page.headings
    assert (
        "200 different pictures beside 100 held-out ones of the model scones-local-1." in page.text
    )
    assert "embedding (drifted)" in page.text
    assert "bicycle 60 %, motorcycle 40 %" in page.text
    calm = read(report(traffic_reports.answers(), tmp_path, {**DRIFT, "drifted": False}))
    assert "No drift" in calm.text
    assert "have drifted" not in calm.text
    unknown = read(
        report(traffic_reports.answers(), tmp_path, {**DRIFT, "drifted": None, "tests": []})
    )
    assert "Too few pictures to tell" in unknown.text


def test_what_was_skipped_is_counted_and_named_without_being_believed(tmp_path: Path) -> None:
    captured.write(tmp_path, ["<script>alert(1)</script>\n"] * 7)
    made = report([record(1)], tmp_path)
    page = read(made)
    assert "7 lines or files skipped" in page.text
    assert f"{captured.key()}, line 7: It is not JSON: <script>alert(1)</script>" in page.text
    assert page.all("script") == []
    assert (made.figures["skipped"], len(made.figures["skipped_named"])) == (7, 7)


def test_unsure_and_barely_sure_pictures_are_shown_with_what_was_answered(tmp_path: Path) -> None:
    page = read(full(tmp_path))
    shown = [attributes["alt"] for attributes in page.all("img")]
    assert len(shown) == 20 + 24
    assert re.fullmatch(r"Answered bicycle at 50.0.%: unsure, right, 20 Nov, 08:30:00\.", shown[0])
    assert all(
        attributes["src"].startswith("data:image/png;base64,") for attributes in page.all("img")
    )
    assert "unsure; shows bicycle" not in shown[0]


def test_a_picture_that_does_not_decode_has_a_placeholder_and_its_name(tmp_path: Path) -> None:
    made = report([record(1, body=b"hello"), record(2)], tmp_path)
    page = read(made)
    [lost] = [attributes for attributes in page.all("span") if attributes.get("class") == "lost"]
    assert lost["aria-label"] == "picture-1 cannot be shown: 5 bytes that are no picture."
    assert made.figures["undecodable_named"] == [
        {"name": "picture-1", "reason": "5 bytes that are no picture."}
    ]


def test_the_graph_counts_the_ways_and_an_execution_is_drawn_on_it(tmp_path: Path) -> None:
    made = full(tmp_path)
    ways = made.figures["ways"]
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
    assert made.figures["execution"]["path"][0]["error"] == "NotAnImage"
    assert "picture-61, which failed with NotAnImage after 250 ms." in read(made).text


def test_pictures_that_no_execution_asked_about_are_on_no_way(tmp_path: Path) -> None:
    made = report([record(1), record(2)], tmp_path, account=True, executions=(execution(2),))
    assert made.figures["ways"]["states"]["Classify image"] == 1
    assert "1; 1 picture was sent to the endpoint without one" in read(made).text


def test_no_captures_make_an_empty_report_that_says_so(tmp_path: Path) -> None:
    made = report([], tmp_path)
    page = read(made)
    assert page.headings == [
        ("h1", "Nothing came"),
        ("h2", "Nothing to show"),
        ("h2", "Where it comes from"),
    ]
    assert "There is no captured traffic in a folder for this window." in page.text
    assert "make simulate" in page.text
    assert made.charts() == {}
    assert (made.figures["records"], made.figures["first"], made.figures["drift"]) == (
        0,
        None,
        None,
    )


@pytest.mark.parametrize("count", [1, 7, 600, 3000])
def test_a_chart_is_drawn_of_few_pictures_and_of_many(tmp_path: Path, count: int) -> None:
    charts = report(traffic_reports.answers(count), tmp_path).charts()
    assert set(charts) == {"confidence", "histogram", "outcomes", "classes"}
    for chart in charts.values():
        assert len(chart.svg) < 250_000
        assert re.findall("#[0-9a-f]{6}", chart.svg) == [], "no colours but the theme's"
        assert chart.table is not None
        assert 1 <= len(chart.table.rows) <= 25


def test_a_hundred_classes_make_charts_that_can_be_read(tmp_path: Path) -> None:
    records = [
        record(n, tuple(0.9 if place == n else 0.1 / 99 for place in range(100)))
        for n in range(100)
    ]
    made = report([*records, record(100, records[0].answer)], tmp_path)
    assert "class 0" in made.charts()["classes"].svg
    assert "others" in made.charts()["classes"].svg
    assert "95 rarer classes left out" in made.charts()["histogram"].caption


def test_every_figure_is_in_the_json_and_every_chart_is_a_png_file(tmp_path: Path) -> None:
    for name in ("captures", "report"):
        (tmp_path / name).mkdir()
    made = full(tmp_path / "captures")
    (tmp_path / "report" / "of-an-earlier-one.png").write_bytes(b"")
    assert report_files.write(made, tmp_path) == tmp_path / "report.html"
    told = json.loads((tmp_path / "report.json").read_text())
    wanted = "records endpoints first last accepted unsure failed classes confidence threshold drift skipped truth"
    assert set(wanted.split()) <= set(told)
    assert (told["records"], told["accepted"], told["unsure"], told["failed"], told["skipped"]) == (
        60,
        40,
        20,
        2,
        0,
    )
    assert set(told["confidence"]) == {"mean", "p10", "p50"}
    names = {
        "confidence",
        "histogram",
        "outcomes",
        "classes",
        "latency",
        "reliability",
        "execution",
    }
    assert {file.stem for file in (tmp_path / "report").iterdir()} == names
    for name in names:
        with Image.open(io.BytesIO((tmp_path / "report" / f"{name}.png").read_bytes())) as image:
            assert image.width > 900
            assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_the_same_report_makes_the_same_page(tmp_path: Path) -> None:
    one, other = (full(tmp_path) for _ in range(2))
    assert report_page.page(one, one.charts()) == report_page.page(other, other.charts())


def test_the_page_needs_no_network_and_holds_together(tmp_path: Path) -> None:
    made = full(tmp_path)
    source = report_page.page(made, made.charts())
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
