"""The training report: what the page says for given figures, and that it is a good page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import reports
from html_pages import Page

from scones.handover import Gate
from scones.training.report import Report, report_page
from scones.training.report_sections import own_shares

SENTENCES = (
    "test accuracy 0.94 is below minimum_accuracy 0.96",
    "the calibration error 0.03 is above maximum_ece 0.02",
)


@pytest.fixture(scope="module")
def source() -> str:
    """The page of a report with every part; drawing its charts takes most of a second."""
    return report_page(reports.report())


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def read(report: Report) -> Page:
    return Page(report_page(report))


def with_gate(gate: Gate | None, **changes: Any) -> Report:
    """A report with this gate, and without charts, which take longest."""
    charted = with_test(reports.report(), reliability=[], coverage=[])
    report = with_metrics(charted, history=[])
    return replace(report, model=replace(report.model, gate=gate, **changes))


def with_test(report: Report, **changes: Any) -> Report:
    """The report with other figures on the test images."""
    metrics = dict(report.metrics)
    return with_metrics(report, test={**metrics["test"], **changes})


def with_metrics(report: Report, **changes: Any) -> Report:
    metrics: Mapping[str, Any] = {**report.metrics, **changes}
    kept = {name: value for name, value in metrics.items() if value is not None}
    return replace(report, files={**report.files, "metrics.json": json.dumps(kept).encode()})


def test_the_page_begins_with_the_finding_the_name_and_the_verdict(page: Page) -> None:
    assert page.headings[0] == ("h1", "191 of 200 test images right")
    assert page.headings[1] == ("h2", "Passes the quality gate")
    assert page.text.startswith(f"191 of 200 test images right: {reports.JOB}-deadbeef")
    assert (
        "The model had never seen them. At the workflow's threshold of 0.93, 136 are accepted, "
        "133 of these correctly." in page.text
    )


def test_the_gate_shows_what_is_asked_beside_what_is_measured(page: Page) -> None:
    assert "Test accuracy: asked ≥ 0.93, measured 0.955 ✓" in page.text
    assert "The calibration error: asked ≤ 0.1, measured 0.0317 ✓" in page.text


def test_the_headline_figures_stand_on_tiles(page: Page) -> None:
    text = page.text
    for tile in (
        "Accuracy 95.5 % 95 % interval 91.7 to 97.6 %",
        "Accepted at ≥ 0.93 68.0 % the workflow's threshold; 97.8 % of them right",
        "Accepted at ≥ 0.88 86.5 % its own threshold; 97.1 % of them right",
        "Calibration error 0.032",
        "One image 1.4 ms on one thread; 2.1 MB, loaded in 0.31 s",
    ):
        assert tile in text


def test_the_own_threshold_has_the_share_at_that_threshold_also_in_an_older_artifact() -> None:
    """Older artifacts have the largest share in hindsight instead, which no threshold names."""
    older = with_test(reports.report(), accepted_at_precision=0.94)
    test = dict(older.metrics["test"])
    exact = test.pop("own_accepted"), test.pop("own_accepted_accuracy")
    assert own_shares(test, 0.88) == pytest.approx(exact)
    assert own_shares({}, 0.88) == own_shares(test, None) == (None, None)
    text = read(with_metrics(older, test=test)).text
    assert "Accepted at ≥ 0.88 86.5 %" in text
    assert "94.0 %" not in text


def test_every_section_has_a_heading_in_order_and_the_contents_link_to_each(page: Page) -> None:
    titles = [title for level, title in page.headings if level == "h2"][1:]
    assert titles == [
        "Comparison with the live model",
        "Class by class",
        "Confidence",
        "Images to look at",
        "How it was trained",
        "Provenance",
    ]
    targets = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    links = [attributes["href"] for attributes in page.all("a")]
    assert len(links) == len(titles) + 1
    assert {link.removeprefix("#") for link in links} <= targets


def test_a_missed_gate_says_what_missed() -> None:
    page = read(with_gate(Gate(passed=False, missed=SENTENCES)))
    assert page.headings[1] == ("h2", "Misses the quality gate")
    assert "It was not handed over." in page.text
    assert "Test accuracy 0.94 is below minimum_accuracy 0.96 ✗" in page.text
    assert "The calibration error 0.03 is above maximum_ece 0.02 ✗" in page.text


def test_a_forced_hand_over_is_named_beside_what_missed() -> None:
    page = read(with_gate(Gate(passed=False, forced=True, missed=SENTENCES)))
    assert page.headings[1] == ("h2", "Misses the quality gate, handed over by force")
    assert page.text.count("✗") == len(SENTENCES)


def test_without_limits_or_without_a_gate_nothing_is_reported_as_passed() -> None:
    assert read(replace(reports.report(), checks=())).headings[1][1] == "No quality gate is set"
    assert read(with_gate(None)).headings[1][1] == "No quality gate was applied to this model"


def test_drawn_images_are_reported_as_such(page: Page) -> None:
    warning = ("h2", "The images are a drawn sample, not photographs")
    assert warning in read(with_gate(Gate(passed=True), drawn=True)).headings
    assert warning not in page.headings


def test_the_live_model_is_compared_image_by_image(page: Page) -> None:
    assert (
        f"it is right more often than {reports.COMPARISON.live}, "
        "which served when they were compared" in page.text
    )
    assert (
        "+2.5 percentage points (95 % interval \u22121.2 to +6.4; "
        "p = 0.27 by McNemar's exact test)" in page.text
    )
    assert "Chance alone may explain that." in page.text
    assert "13 images answered differently" in page.text
    assert all(key in page.text for key in reports.COMPARISON.changed)


def test_without_a_comparison_a_sentence_says_why() -> None:
    report = with_gate(Gate(passed=True), comparison=None)
    assert "No model is live yet." in read(replace(report, standing="No model is live yet.")).text


def test_the_provenance_names_job_data_and_code(page: Page) -> None:
    text = page.text
    for fact in (
        reports.JOB,
        "https://example.com/cifar-100-python.tar.gz",
        "aa" * 32,
        "bb" * 32,
        "fda0bde",
        "512,345",
    ):
        assert fact in text


def test_the_images_most_wrong_are_shown_with_captions_as_text(page: Page) -> None:
    report = reports.report()
    worst, unsure = report.metrics["worst"], report.metrics["unsure"]
    images = page.all("img")
    assert len(images) == len(worst) + len(unsure)
    assert all(image["src"].startswith("data:image/png;base64,") for image in images)
    assert re.fullmatch(r"Answered bicycle \d+\.\d.%, shows motorcycle\.", images[0]["alt"])
    assert all(key in page.text for key in worst)


def test_the_page_needs_no_network_no_script_and_no_other_file(page: Page, source: str) -> None:
    assert page.all("script") == []
    for _, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "data", "xlink:href"):
            assert attributes.get(name, "#").startswith(("#", "data:")), attributes
        assert not any(name.startswith("on") for name in attributes)
        assert all(
            target.startswith("#")
            for target in re.findall(r"url\(([^)]*)", attributes.get("style", ""))
        )
    assert "@import" not in source
    assert "default-src 'none'" in source


def test_the_page_works_with_screen_readers_and_keyboards(page: Page) -> None:
    assert page.all("html") == [{"lang": "en-GB"}]
    assert all(chart["role"] == "img" and chart["aria-label"] for chart in page.all("svg"))
    assert all(head["scope"] in {"row", "col"} for head in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    scrolled = [
        attributes for _, attributes in page.elements if attributes.get("class") == "scroller"
    ]
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in scrolled)
    levels = [int(level[1]) for level, _ in page.headings]
    assert all(below - above <= 1 for above, below in pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_same_figures_make_the_same_page(source: str) -> None:
    assert report_page(reports.report()) == source


def test_odd_names_stay_words() -> None:
    odd = '<script>alert("&")</script>'
    report = reports.report(classes=[odd, "b"], per_class={})
    named = with_test(report, per_class={odd: {"precision": 1.0, "recall": 1.0, "images": 3}})
    model = replace(
        named.model, classes=(odd, "b"), code_version=odd, gate=Gate(passed=False, missed=(odd,))
    )
    page = read(replace(named, model=model, hyperparameters={odd: odd}))
    assert page.all("script") == []
    assert page.text.count('<script>alert("&")</script>') >= 5


def test_the_built_in_algorithm_leaves_a_page_that_says_what_is_not_measured() -> None:
    page = read(reports.builtin())
    assert page.headings[0][1].replace("\u202f", " ") == "91.0 % of the validation images right"
    assert page.all("svg") == page.all("img") == page.all("table") == []
    assert ("h2", "What was not measured") in page.headings
    assert (
        "The built-in algorithm measures its accuracy on the validation images and nothing else"
        in page.text
    )
    assert all(
        name in page.text for name in ("accuracy on test images", "reliability", "training curves")
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"accepted": 0.0, "accepted_accuracy": None}, "none accepted"),
        (
            {"per_class": {"bicycle": {"precision": None, "recall": 0.0, "images": 100}}},
            "never answered",
        ),
        ({"confusion": [[0, 0], [100, 0]]}, "no image"),
        ({"coverage": [], "reliability": []}, "coverage and precision"),
        ({"ece": None}, "not measured"),
    ],
    ids=[
        "nothing accepted",
        "a class never answered",
        "a class never shown",
        "no curves",
        "no calibration error",
    ],
)
def test_what_is_missing_is_named_in_words(changes: dict[str, Any], words: str) -> None:
    report = with_test(reports.report(), **changes)
    known = {
        f"test_{name}": value
        for name, value in changes.items()
        if name in {"accepted", "accepted_accuracy"}
    }
    model = replace(report.model, metrics=replace(report.model.metrics, **known))
    text = read(replace(report, model=model)).text
    assert words in text
    assert "None" not in text


@pytest.mark.parametrize("images", [1, 2, 3])
def test_a_handful_of_images_makes_a_page_too(images: int) -> None:
    page = read(reports.report(images=images, seed=5, history=reports.history(1)))
    assert len(page.all("svg")) == 3
    assert f" of {images} test image" in page.headings[0][1]


def test_an_artifact_of_an_older_script_makes_a_page_too() -> None:
    gone = dict.fromkeys(
        ("history", "serving", "worst", "unsure", "own_threshold", "target_precision")
    )
    old = with_metrics(
        with_test(reports.report(), reliability=None, coverage=None, accuracy_interval=None), **gone
    )
    page = read(
        replace(
            old, files={"metrics.json": old.files["metrics.json"], "contact-sheet.png": b"none"}
        )
    )
    assert page.all("svg") == page.all("img") == []
    assert (
        "The training script that made this model did not measure all that this page can show"
        in page.text
    )
