"""Captures in a bucket: only the window's hours are listed, and every record is read in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from localaws.sagemaker import capture
from localaws.sagemaker.capture import Exchange
from monitor.captures import Captures
from monitor.window import Window

BUCKET = "captured"
START = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONFIG = {
    "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
    "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
}


class Counting:
    """An S3 client that records its requests."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.client.create_bucket(Bucket=BUCKET)
        self.requests: list[dict[str, Any]] = []
        self.client.meta.events.register("provide-client-params.s3.*", self._remember)

    def _remember(self, params: dict[str, Any], **_: Any) -> None:
        self.requests.append(dict(params))

    def put(self, at: datetime, name: str, endpoint: str = "mine", ending: str = ".jsonl") -> str:
        """A file of one record of that name, written at that moment."""
        key = f"data-capture/{endpoint}/AllTraffic/{at:%Y/%m/%d/%H/%M-%S}-000-{name}{ending}"
        exchange = Exchange("image/png", b"image", "application/json", b"[0.97, 0.03]", name, at)
        self.client.put_object(
            Bucket=BUCKET, Key=key, Body=capture.line(capture.record(CONFIG, exchange))
        )
        return key


@pytest.fixture
def s3(aws: boto3.session.Session) -> Counting:
    return Counting(aws.client("s3"))


def read(
    s3: Counting,
    prefix: str = "data-capture",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Any:
    """The inference ids in the order read."""
    s3.requests.clear()
    captures = Captures.in_s3(s3.client, BUCKET, prefix, Window(since, until))
    return [record.inference_id for record in captures], captures


def test_records_come_in_the_order_of_time_from_every_endpoint(s3: Counting) -> None:
    for number in range(40):
        s3.put(
            START + number * timedelta(minutes=7),
            f"{number:02d}",
            endpoint=f"endpoint-{number % 3}",
        )
    names, captures = read(s3)
    assert names == [f"{number:02d}" for number in range(40)]
    assert (captures.files, captures.skipped) == (40, [])


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "data-capture",
        "data-capture/",
        "data-capture/mine",
        "data-capture/mine/AllTraffic",
        "data-capture/mine/AllTraffic/2026",
        "data-capture/mine/AllTraffic/2026/11/20/08/",
        "data-capture/mine/AllTraffic/2026/11/20/08/30-00-000-one.jsonl",
    ],
)
def test_a_prefix_may_lie_anywhere_above_the_files_or_be_a_file(s3: Counting, prefix: str) -> None:
    s3.put(START, "one")
    [record] = Captures.in_s3(s3.client, BUCKET, prefix, Window(START, START + HOUR))
    assert (record.inference_id, record.endpoint, record.variant) == ("one", "mine", "AllTraffic")


def test_a_prefix_names_a_whole_folder(s3: Counting) -> None:
    s3.put(START, "one", endpoint="mine")
    s3.put(START, "two", endpoint="mine-too")
    assert read(s3, "data-capture/mine")[0] == ["one"]


def test_only_the_hours_of_a_window_are_listed(s3: Counting) -> None:
    for hours in range(-300, 300):
        s3.put(START + hours * HOUR, f"{hours}")
    names, captures = read(s3, since=START, until=START + 2 * HOUR)
    assert names == ["0", "1"]
    listed = [
        request
        for request in s3.requests
        if "Prefix" in request and request.get("Delimiter") is None
    ]
    assert [request["StartAfter"] for request in listed] == [
        "data-capture/mine/AllTraffic/2026/11/20/07/"
    ]
    fetched = [request["Key"] for request in s3.requests if "Key" in request]
    assert len(fetched) == captures.files <= 5


def test_a_window_applies_below_a_prefix_of_a_year(s3: Counting) -> None:
    for days in (-2, 0, 2):
        s3.put(START + timedelta(days=days), f"{days}")
    assert read(s3, "data-capture/mine/AllTraffic/2026", START, START + HOUR)[0] == ["0"]


def test_an_object_that_is_deleted_meanwhile_is_named(s3: Counting) -> None:
    key, _ = s3.put(START, "one"), s3.put(START + HOUR, "two")
    captures = Captures.in_s3(s3.client, BUCKET, "data-capture", Window())
    s3.client.delete_object(Bucket=BUCKET, Key=key)
    assert [record.inference_id for record in captures] == ["two"]
    assert captures.skipped == [(f"s3://{BUCKET}/{key}", "It was deleted or archived.")]


def test_foreign_objects_are_named(s3: Counting) -> None:
    s3.put(START, "one")
    other = s3.put(START, "two", ending=".json.gz")
    s3.client.put_object(Bucket=BUCKET, Key="data-capture/README", Body=b"hello")
    s3.client.put_object(Bucket=BUCKET, Key="data-capture/mine/AllTraffic/2026/11/20/", Body=b"")
    names, captures = read(s3)
    assert names == ["one"]
    assert {place for place, _ in captures.skipped} == {
        f"s3://{BUCKET}/{other}",
        f"s3://{BUCKET}/data-capture/README",
    }


def test_objects_written_while_reading_are_left_for_the_next_time(s3: Counting) -> None:
    s3.put(START, "one")
    captures = Captures.in_s3(s3.client, BUCKET, "data-capture", Window())
    s3.put(START + HOUR, "two")
    assert [record.inference_id for record in captures] == ["one"]
    assert read(s3)[0] == ["one", "two"]


def test_reading_can_be_stopped(s3: Counting) -> None:
    for number in range(30):
        s3.put(START + number * HOUR, f"{number}")
    captures = Captures.in_s3(s3.client, BUCKET, "data-capture", Window())
    s3.requests.clear()
    assert next(iter(captures)).inference_id == "0"
    assert len(s3.requests) < 12


def test_an_empty_bucket_holds_nothing(s3: Counting) -> None:
    assert read(s3, since=START)[0] == []
