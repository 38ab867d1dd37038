"""Ground truth as SageMaker Model Monitor reads it: JSON lines beside the captures.

s3://<bucket>/ground-truth/yyyy/mm/dd/hh/<name>.jsonl
{"groundTruthData": {"data": "bicycle", "encoding": "CSV"},
 "eventMetadata": {"eventId": "<inference id>"}, "eventVersion": "0"}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from monitor.window import Window

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "ground-truth"
# A label may come long after its image, but not before; clocks differ a little.
CLOCK_SKEW = timedelta(hours=1)


def key(at: datetime, name: str) -> str:
    """The key for labels given at that time; `name` distinguishes it from others of that hour."""
    return f"{hour_folder(at)}{name}.jsonl"


def hour_folder(at: datetime) -> str:
    return f"{FOLDER}/{at.astimezone(UTC):%Y/%m/%d/%H}/"


def lines(labels: Mapping[str, str]) -> str:
    """The content of such an object, from class names by inference id."""
    text = ""
    for inference_id, label in labels.items():
        record = {
            "groundTruthData": {
                "data": label,
                "encoding": "CSV",
            },
            "eventMetadata": {"eventId": inference_id},
            "eventVersion": "0",
        }
        text += json.dumps(record) + "\n"
    return text


def read(s3: S3Client, bucket: str, window: Window) -> dict[str, str]:
    """Class names by inference id, of all labels given since the window began.

    The last label of an image counts.
    """
    labels: dict[str, str] = {}
    for name in _list_objects(s3, bucket, window):
        for line in s3.get_object(Bucket=bucket, Key=name)["Body"].iter_lines():
            try:
                record = json.loads(line)
                inference_id = record["eventMetadata"]["eventId"]
                label = record["groundTruthData"]["data"]
            except (ValueError, KeyError, TypeError):
                continue  # an incomplete line, or another program's file
            labels[str(inference_id)] = str(label)
    return labels


def _list_objects(s3: S3Client, bucket: str, window: Window) -> Iterator[str]:
    start = hour_folder(window.since - CLOCK_SKEW) if window.since else FOLDER
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket,
        Prefix=f"{FOLDER}/",
        StartAfter=start,
    )
    for name in pages.search("Contents[].Key"):
        if name and name.endswith(".jsonl"):
            yield name
