"""Captures in S3 as an endpoint writes them, of images for a small monitored model."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from monitored_images import artifact, expected, packed, pngs, untrained

__all__ = ["artifact", "capture", "expected", "metrics", "packed", "pngs", "untrained"]


LATELY = timedelta(minutes=5)


def capture(
    s3: Any, bucket: str, endpoint: str, bodies: Sequence[bytes], ago: timedelta = LATELY
) -> None:
    """One file of one record for each body."""
    at = datetime.now(UTC) - ago
    for number, body in enumerate(bodies):
        request = {
            "observedContentType": "image/png",
            "mode": "INPUT",
            "data": base64.b64encode(body).decode(),
        }
        record = {
            "captureData": {"endpointInput": {**request, "encoding": "BASE64"}},
            "eventMetadata": {"eventId": f"{number}", "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"},
            "eventVersion": "0",
        }
        key = f"data-capture/{endpoint}/AllTraffic/{at:%Y/%m/%d/%H/%M-%S}-{number:03}.jsonl"
        s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(record).encode() + b"\n")


def metrics(cloudwatch: Any, namespace: str) -> dict[str, float]:
    """The last value of each metric without dimensions."""
    now = datetime.now(UTC)
    names = [
        metric["MetricName"]
        for metric in cloudwatch.list_metrics(Namespace=namespace)["Metrics"]
        if not metric["Dimensions"]
    ]
    return {
        name: cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Statistics=["Maximum"],
            Period=60,
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
        )["Datapoints"][-1]["Maximum"]
        for name in names
    }
