"""Which captured images are compared, which are left out, and how the result is reported."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from monitored_images import expected, pngs, untrained

from monitor.drift_table import format_result
from monitor.latest_records import LatestRecords, read_latest, select_latest
from monitor.measurement import measure_drift
from monitor.monitored_model import MonitoredModel
from monitor.records import Record
from monitor.window import Window

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLASSIFIER = untrained()
MODEL = MonitoredModel("scones-model", CLASSIFIER, expected(CLASSIFIER))


def record(
    body: bytes | None, minute: int = 0, content_type: str = "image/png", endpoint: str = "ours"
) -> Record:
    at = NOW + timedelta(minutes=minute)
    return Record(f"{minute}", None, at, endpoint, "AllTraffic", content_type, body, None, None)


def records(bodies: Iterable[bytes]) -> list[Record]:
    return [record(body, minute) for minute, body in enumerate(bodies)]


def test_images_of_the_same_kind_are_not_drift() -> None:
    result = measure_drift(records(pngs(range(50))), MODEL)
    assert (result.drifted, result.images, result.baseline_images, result.records) == (
        False,
        50,
        60,
        50,
    )
    assert (result.endpoint, result.model) == ("ours", "scones-model")
    assert result.p_value is not None
    assert result.p_value > 0.001
    assert result.sentences == ("No change detected between 50 images and 60 of the baseline.",)


def test_dark_images_are_reported_in_numbers_and_words() -> None:
    result = measure_drift(records(pngs(range(50), light=0.3)), MODEL)
    assert result.drifted
    assert any(
        sentence.startswith("Images are darker: mean brightness") for sentence in result.sentences
    )
    plain = json.loads(json.dumps(result.as_json(), allow_nan=False))
    assert (plain["since"], plain["until"]) == ("2026-11-20T12:00:00Z", "2026-11-20T12:49:00Z")
    brightness = next(test for test in plain["tests"] if test["name"] == "brightness")
    assert brightness["drifted"]
    assert brightness["window"] < brightness["baseline"]
    assert plain["p_value"] == min(test["adjusted"] for test in plain["tests"]) <= 0.001


def test_a_table_shows_every_test_and_the_changes() -> None:
    lines = format_result(
        measure_drift(records([*pngs(range(50), light=0.3), b"none"]), MODEL)
    ).splitlines()
    assert lines[0].startswith(
        "50 distinct images from 51 records of 2026-11-20T12:00:00Z to 2026-11-20T12:50:00Z"
    )
    assert (
        "(left out: 1 unreadable) compared with 60 held-out images of the model scones-model; "
        "alpha 0.001." in lines[0]
    )
    assert [line.split()[0] for line in lines[2:11]] == [
        "embedding",
        "outlines",
        "brightness",
        "contrast",
        "sharpness",
        "saturation",
        "warmth",
        "confidence",
        "classes",
    ]
    assert any(line.startswith("Images are darker") for line in lines)


def test_identical_images_count_once() -> None:
    result = measure_drift(records([*pngs(range(31)) * 3]), MODEL)
    assert (result.images, result.repeated, result.records) == (31, 62, 93)


def test_copies_of_twenty_nine_distinct_images_yield_no_verdict() -> None:
    result = measure_drift(records(pngs(range(29), light=0.1) * 5), MODEL)
    assert result.drifted is None
    assert (result.p_value, result.tests) == (None, ())
    assert result.sentences == ("No verdict: 29 distinct images; at least 30 are needed.",)


def test_no_records_yield_no_verdict() -> None:
    result = measure_drift([], MODEL)
    assert (result.drifted, result.since, result.endpoint) == (None, None, None)
    assert "0 distinct images from 0 records" in format_result(result)


def test_a_small_baseline_yields_no_verdict() -> None:
    small = replace(MODEL, baseline=expected(CLASSIFIER, images=19))
    result = measure_drift(records(pngs(range(50))), small)
    assert result.drifted is None
    assert "on 19 held-out images" in result.sentences[0]


@pytest.mark.parametrize("body", [None, b"", b"not an image", pngs([1])[0][:60]])
def test_input_that_is_not_an_image_is_left_out_and_counted(body: bytes | None) -> None:
    result = measure_drift([*records(pngs(range(40))), record(body, minute=50)], MODEL)
    assert (result.images, result.unreadable, result.records) == (40, 1, 41)


def test_every_image_of_a_batch_request_counts() -> None:
    instances = [base64.b64encode(body).decode() for body in pngs(range(35))]
    body = json.dumps({"instances": instances}).encode()
    result = measure_drift([record(body, content_type="application/json; charset=utf-8")], MODEL)
    assert (result.images, result.records) == (35, 1)
    broken = measure_drift([record(b'{"instances": 3}', content_type="application/json")], MODEL)
    assert (broken.images, broken.unreadable) == (0, 1)


def test_an_image_without_a_content_type_counts() -> None:
    typeless = [replace(record, content_type=None) for record in records(pngs(range(30)))]
    assert measure_drift(typeless, MODEL).images == 30


def test_only_the_latest_records_of_the_endpoint_count() -> None:
    others = [record(body, minute=500, endpoint="another") for body in pngs(range(100, 140))]
    dark, light = pngs(range(40), light=0.2), pngs(range(50, 90))
    result = measure_drift([*others, *records([*dark, *light])], MODEL, images=40, endpoint="ours")
    assert (result.drifted, result.records, result.endpoint) == (False, 40, "ours")
    assert measure_drift(others, MODEL).endpoint == "another"


def latest(
    stored: Sequence[Record], window: Window, images: int
) -> tuple[list[Record], list[Window]]:
    """The latest of the stored records, and the spans that were read for them."""
    spans: list[Window] = []

    def read(span: Window) -> list[Record]:
        spans.append(span)
        return [record for record in stored if record.at in span]

    return read_latest(read, window, images, NOW), spans


def test_the_latest_records_are_found_without_reading_the_others() -> None:
    stored = [record(b"", minute=-minute) for minute in range(0, 60 * 24, 10)]
    selected, spans = latest(stored, Window(NOW - timedelta(days=7)), images=4)
    assert [record.at for record in selected] == [
        NOW - timedelta(minutes=minute) for minute in (0, 10, 20, 30)
    ]
    assert len(spans) == 1


def test_older_spans_are_read_once_each_until_the_window_begins() -> None:
    stored = [record(b"", minute=-60 * hours) for hours in (0, 5, 30, 100, 200)]
    selected, spans = latest(stored, Window(NOW - timedelta(days=7)), images=50)
    assert [record.at for record in selected] == [record.at for record in stored[:4]]
    assert spans[-1].since == NOW - timedelta(days=7)
    assert all(later.since == earlier.until for later, earlier in pairwise(spans))


def test_a_window_without_a_beginning_is_read_at_once() -> None:
    stored = [record(b"", minute=-60 * 24 * days) for days in range(100)]
    selected, spans = latest(stored, Window(None, NOW - timedelta(days=1)), images=3)
    assert [record.at for record in selected] == [NOW - timedelta(days=days) for days in (2, 3, 4)]
    assert len(spans) == 1


def test_a_record_from_years_ahead_is_left_out() -> None:
    stored = [record(b"", minute=60 * 24 * 900), record(b"", minute=30), record(b"", minute=0)]
    selected, _ = latest(stored, Window(NOW - timedelta(days=1)), images=2)
    assert [record.at for record in selected] == [NOW + timedelta(minutes=30), NOW]


def test_the_latest_records_are_kept_as_they_pass() -> None:
    minutes = [5, 1, 9, 3, 9, 7, 0, 9]
    stored = [
        replace(record(b"", minute), event_id=f"{number}") for number, minute in enumerate(minutes)
    ]
    watched = LatestRecords(4)
    assert list(watched.watch(stored)) == stored
    assert watched.records == select_latest(stored, 4)
    assert [kept.event_id for kept in watched.records] == ["2", "4", "7", "5"]
