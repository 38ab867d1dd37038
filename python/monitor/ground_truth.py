"""What pictures really showed, as SageMaker's model monitor reads it: JSON lines beside the captures, by inference id.

s3://<bucket>/ground-truth/yyyy/mm/dd/hh/<name>.jsonl
{"groundTruthData": {"data": "bicycle", "encoding": "CSV"}, "eventMetadata": {"eventId": "<inference id>"},
 "eventVersion": "0"}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.window import Window

FOLDER = "ground-truth"
# A label may come long after its picture, but not before; clocks differ a little.
EARLY = timedelta(hours=1)


def key(at: datetime, name: str) -> str:
    """Where labels given at that moment lie; `name` tells them from others of the same hour."""
    return f"{FOLDER}/{at.astimezone(UTC):%Y/%m/%d/%H}/{name}.jsonl"


def lines(labels: Mapping[str, str]) -> str:
    """What such an object holds, of class names by inference id."""
    records = (
        {
            "groundTruthData": {"data": label, "encoding": "CSV"},
            "eventMetadata": {"eventId": inference_id},
            "eventVersion": "0",
        }
        for inference_id, label in labels.items()
    )
    return "".join(json.dumps(record) + "\n" for record in records)


def read(s3: Any, bucket: str, window: Window) -> dict[str, str]:
    """Class names by inference id, of all labels given since the window began; the last one given counts."""
    labels: dict[str, str] = {}
    for name in _names(s3, bucket, window):
        for line in s3.get_object(Bucket=bucket, Key=name)["Body"].iter_lines():
            try:
                record = json.loads(line)
                labels[str(record["eventMetadata"]["eventId"])] = str(
                    record["groundTruthData"]["data"]
                )
            except (ValueError, KeyError, TypeError):
                continue  # half a line, or somebody else's
    return labels


def _names(s3: Any, bucket: str, window: Window) -> Iterator[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket,
        Prefix=f"{FOLDER}/",
        StartAfter=f"{FOLDER}/{window.since - EARLY:%Y/%m/%d/%H}/" if window.since else FOLDER,
    )
    yield from (name for name in pages.search("Contents[].Key") if name and name.endswith(".jsonl"))
