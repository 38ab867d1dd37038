"""Which captured pictures are compared, which are not, and what is said of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from watched_pictures import expected, pngs, untrained

from monitor import newest, table, watch
from monitor.records import Record
from monitor.watched_model import WatchedModel
from monitor.window import Window

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLASSIFIER = untrained()
MODEL = WatchedModel("scones-model", CLASSIFIER, expected(CLASSIFIER))


def record(
    body: bytes | None, minute: int = 0, content_type: str = "image/png", endpoint: str = "ours"
) -> Record:
    at = NOW + timedelta(minutes=minute)
    return Record(f"{minute}", None, at, endpoint, "AllTraffic", content_type, body, None, None)


def records(bodies: Iterable[bytes]) -> list[Record]:
    return [record(body, minute) for minute, body in enumerate(bodies)]


def test_pictures_of_the_same_kind_are_no_drift() -> None:
    found = watch.measure(records(pngs(range(50))), MODEL)
    assert (found.drifted, found.images, found.baseline_images, found.records) == (
        False,
        50,
        60,
        50,
    )
    assert (found.endpoint, found.model) == ("ours", "scones-model")
    assert found.p_value is not None
    assert found.p_value > 0.001
    assert found.sentences == ("Nothing has changed that 50 pictures beside 60 could show.",)


def test_dark_pictures_are_told_in_numbers_and_words() -> None:
    found = watch.measure(records(pngs(range(50), light=0.3)), MODEL)
    assert found.drifted
    assert any(
        sentence.startswith("Pictures are darker: mean brightness") for sentence in found.sentences
    )
    plain = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert (plain["since"], plain["until"]) == ("2026-11-20T12:00:00Z", "2026-11-20T12:49:00Z")
    brightness = next(test for test in plain["tests"] if test["name"] == "brightness")
    assert brightness["drifted"]
    assert brightness["window"] < brightness["baseline"]
    assert plain["p_value"] == min(test["adjusted"] for test in plain["tests"]) <= 0.001


def test_a_table_shows_every_test_and_what_has_changed() -> None:
    shown = table.of(
        watch.measure(records([*pngs(range(50), light=0.3), b"none"]), MODEL)
    ).splitlines()
    assert shown[0].startswith(
        "50 different pictures from 51 records of 2026-11-20T12:00:00Z to 2026-11-20T12:50:00Z"
    )
    assert (
        "(left out: 1 unreadable) beside 60 held-out ones of the model scones-model; alpha 0.001."
        in shown[0]
    )
    assert [line.split()[0] for line in shown[2:11]] == [
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
    assert any(line.startswith("Pictures are darker") for line in shown)


def test_a_picture_that_came_often_counts_once() -> None:
    found = watch.measure(records([*pngs(range(31)) * 3]), MODEL)
    assert (found.images, found.repeated, found.records) == (31, 62, 93)


def test_twenty_nine_different_pictures_are_no_verdict_however_often_they_came() -> None:
    found = watch.measure(records(pngs(range(29), light=0.1) * 5), MODEL)
    assert found.drifted is None
    assert (found.p_value, found.tests) == (None, ())
    assert found.sentences == ("No verdict: 29 different pictures; 30 are the least to tell from.",)


def test_no_records_are_no_verdict() -> None:
    found = watch.measure([], MODEL)
    assert (found.drifted, found.since, found.endpoint) == (None, None, None)
    assert "0 different pictures from 0 records" in table.of(found)


def test_a_small_baseline_is_no_verdict() -> None:
    small = replace(MODEL, baseline=expected(CLASSIFIER, images=19))
    found = watch.measure(records(pngs(range(50))), small)
    assert found.drifted is None
    assert "measured on 19 held-out pictures" in found.sentences[0]


@pytest.mark.parametrize("body", [None, b"", b"no picture", pngs([1])[0][:60]])
def test_what_is_no_picture_is_left_out_and_counted(body: bytes | None) -> None:
    found = watch.measure([*records(pngs(range(40))), record(body, minute=50)], MODEL)
    assert (found.images, found.unreadable, found.records) == (40, 1, 41)


def test_several_pictures_in_a_request_count_each() -> None:
    instances = [base64.b64encode(body).decode() for body in pngs(range(35))]
    body = json.dumps({"instances": instances}).encode()
    found = watch.measure([record(body, content_type="application/json; charset=utf-8")], MODEL)
    assert (found.images, found.records) == (35, 1)
    broken = watch.measure([record(b'{"instances": 3}', content_type="application/json")], MODEL)
    assert (broken.images, broken.unreadable) == (0, 1)


def test_a_picture_whose_type_nobody_gave_is_looked_at_all_the_same() -> None:
    typeless = [replace(one, content_type=None) for one in records(pngs(range(30)))]
    assert watch.measure(typeless, MODEL).images == 30


def test_only_the_newest_count_and_only_those_of_the_endpoint() -> None:
    others = [record(body, minute=500, endpoint="another") for body in pngs(range(100, 140))]
    dark, light = pngs(range(40), light=0.2), pngs(range(50, 90))
    found = watch.measure([*others, *records([*dark, *light])], MODEL, images=40, endpoint="ours")
    assert (found.drifted, found.records, found.endpoint) == (False, 40, "ours")
    assert watch.measure(others, MODEL).endpoint == "another"


def latest(
    kept: Sequence[Record], window: Window, images: int
) -> tuple[list[Record], list[Window]]:
    """The newest of the records that are kept, and the spans that were looked through for them."""
    asked: list[Window] = []

    def read(span: Window) -> list[Record]:
        asked.append(span)
        return [one for one in kept if one.at in span]

    return newest.latest(read, window, images, NOW), asked


def test_the_newest_records_are_found_without_reading_the_others() -> None:
    kept = [record(b"", minute=-minute) for minute in range(0, 60 * 24, 10)]
    found, asked = latest(kept, Window(NOW - timedelta(days=7)), images=4)
    assert [one.at for one in found] == [
        NOW - timedelta(minutes=minute) for minute in (0, 10, 20, 30)
    ]
    assert len(asked) == 1


def test_older_records_are_looked_for_until_the_window_ends_each_once() -> None:
    kept = [record(b"", minute=-60 * hours) for hours in (0, 5, 30, 100, 200)]
    found, asked = latest(kept, Window(NOW - timedelta(days=7)), images=50)
    assert [one.at for one in found] == [one.at for one in kept[:4]]
    assert asked[-1].since == NOW - timedelta(days=7)
    assert all(later.since == earlier.until for later, earlier in pairwise(asked))


def test_a_window_without_a_beginning_is_read_at_once() -> None:
    kept = [record(b"", minute=-60 * 24 * days) for days in range(100)]
    found, asked = latest(kept, Window(None, NOW - timedelta(days=1)), images=3)
    assert [one.at for one in found] == [NOW - timedelta(days=days) for days in (2, 3, 4)]
    assert len(asked) == 1


def test_a_record_from_years_ahead_is_not_news() -> None:
    kept = [record(b"", minute=60 * 24 * 900), record(b"", minute=30), record(b"", minute=0)]
    found, _ = latest(kept, Window(NOW - timedelta(days=1)), images=2)
    assert [one.at for one in found] == [NOW + timedelta(minutes=30), NOW]
