"""The top of the traffic report: what failed and what to do, and what is left out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import captured
from captured import record
from html_pages import Page
from traffic_reports import execution, outcome, probabilities, report

from monitor.window import Window
from scones.reporting.report_page import Report, render_page


def read(built: Report) -> Page:
    return Page(render_page(built, {}))


def test_inputs_that_are_not_images_are_not_to_be_redriven(tmp_path: Path) -> None:
    built = report(
        [],
        tmp_path,
        account=True,
        executions=(execution(1, "FAILED"),),
        describe=lambda arns: {arn: outcome("failed", "NotAnImage") for arn in arns},
    )
    text = read(built).text
    assert "1 image failed 1 input was not a usable image and would fail again" in text
    assert "redrive" not in text


def test_every_error_is_on_the_tile(tmp_path: Path) -> None:
    errors = ("NotAnImage", "EndpointError", "States.Timeout")
    built = report(
        [],
        tmp_path,
        account=True,
        executions=tuple(execution(number, "FAILED") for number in range(3)),
        describe=lambda arns: dict(
            zip(arns, (outcome("failed", name) for name in errors), strict=True)
        ),
    )
    assert "Failed 3 1 NotAnImage, 1 EndpointError and 1 States.Timeout" in read(built).text


def test_requests_that_did_not_come_through_the_workflow_are_left_out(tmp_path: Path) -> None:
    """Apply's own check has no inference id; a direct call may have one, but no execution."""
    records = [
        record(1, probabilities(0.5)),
        record(2),
        record(3, probabilities(0.5), inference_id=None),
        record(4, probabilities(0.5)),
    ]
    built = report(
        records,
        tmp_path,
        workflow=captured.ENDPOINT,
        account=True,
        executions=(execution(2), execution(1, "FAILED")),
        listed=Window(captured.START, captured.START + timedelta(hours=1)),
    )
    figures = built.figures
    assert (figures["images"], figures["accepted"], figures["unsure"]) == (2, 1, 1)
    assert (figures["records"], figures["direct"]) == (4, 2)
    assert figures["ways"]["states"]["Queue for review"] == figures["unsure"]
    assert [image["name"] for image in figures["gallery"]] == ["image-1", "image-2"]
    text = read(built).text
    assert "2 more requests did not come through the workflow and are left out" in text
    assert "Images 2 4 captured records, 2 of them direct" in text


def test_images_of_which_no_execution_is_listed_any_more_count(tmp_path: Path) -> None:
    built = report(
        [record(1), record(2)],
        tmp_path,
        workflow=captured.ENDPOINT,
        account=True,
        executions=(execution(2),),
        listed=Window(captured.START + timedelta(seconds=2), captured.START + timedelta(hours=1)),
    )
    assert (built.figures["images"], built.figures["direct"]) == (2, 0)
    assert "1; 1 image without a known execution" in read(built).text
