"""Captures that arrive minutes after their images were answered."""

from __future__ import annotations

from datetime import timedelta

from captured import START, record
from traffic_reports import execution, image_table

from scones.reporting.late_captures import count_late, sentence

NOW = START + timedelta(minutes=5)


def test_an_answered_image_without_a_record_is_late() -> None:
    table = image_table([record(1)], executions=[execution(7), execution(1)])
    assert count_late(table, NOW) == 1


def test_after_a_while_a_missing_record_is_not_expected_any_more() -> None:
    table = image_table([record(1)], executions=[execution(7), execution(1)])
    assert count_late(table, START + timedelta(minutes=16)) == 0


def test_what_never_reached_the_endpoint_is_not_late() -> None:
    executions = [execution(7, "ABORTED"), execution(6, "RUNNING", None), execution(1)]
    assert count_late(image_table([record(1)], executions=executions), NOW) == 0


def test_without_images_none_is_late() -> None:
    assert count_late(image_table([]), NOW) == 0
    assert sentence(0, "make report") == ""


def test_the_sentence_counts_them() -> None:
    assert sentence(1, "make report").startswith("1 capture of the latest images is not there yet")
    assert sentence(2_000, "make drift").startswith("2,000 captures of the latest images are not")
