"""Ground truth in S3, as SageMaker Model Monitor reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from monitor import ground_truth
from monitor.window import Window

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SINCE_NOON = Window(NOON, None)


@pytest.fixture
def s3(aws: boto3.session.Session) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket="data")
    return client


def put(s3: Any, at: datetime, name: str, text: str) -> None:
    s3.put_object(Bucket="data", Key=ground_truth.key(at, name), Body=text.encode())


def test_labels_are_found_by_inference_id(s3: Any) -> None:
    put(s3, NOON, "run", ground_truth.lines({"one": "bicycle", "two": "motorcycle"}))
    assert ground_truth.read(s3, "data", SINCE_NOON) == {"one": "bicycle", "two": "motorcycle"}


def test_a_later_label_replaces_an_earlier_one(s3: Any) -> None:
    put(s3, NOON, "run", ground_truth.lines({"one": "bicycle"}))
    put(s3, NOON + timedelta(hours=2), "review", ground_truth.lines({"one": "motorcycle"}))
    assert ground_truth.read(s3, "data", SINCE_NOON) == {"one": "motorcycle"}


def test_labels_from_before_the_window_are_not_read(s3: Any) -> None:
    put(s3, NOON - timedelta(hours=5), "run", ground_truth.lines({"old": "bicycle"}))
    put(s3, NOON - timedelta(minutes=20), "run", ground_truth.lines({"early": "bicycle"}))
    assert ground_truth.read(s3, "data", SINCE_NOON) == {"early": "bicycle"}, (
        "clocks differ a little"
    )
    assert set(ground_truth.read(s3, "data", Window())) == {"old", "early"}


def test_incomplete_lines_and_other_files_are_ignored(s3: Any) -> None:
    good = ground_truth.lines({"one": "bicycle"})
    put(s3, NOON, "run", good + '[1]\n{"eventMetadata": {}}\n' + good[:30])
    s3.put_object(Bucket="data", Key="ground-truth/readme.txt", Body=b"hello")
    assert ground_truth.read(s3, "data", SINCE_NOON) == {"one": "bicycle"}


def test_without_labels_nothing_is_read(s3: Any) -> None:
    assert ground_truth.read(s3, "data", SINCE_NOON) == {}
