"""Where the outcome of a comparison goes: an object in the data bucket, and the metrics that an alarm watches."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from monitor.outcome import Drift

FOLDER = "drift"
CAPTURED = "data-capture"


def put(drift: Drift, s3: Any, bucket: str, now: datetime) -> str:
    """Write the outcome to drift/<now>.json; returns its URL."""
    key = f"{FOLDER}/{now.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}.json"
    body = json.dumps(drift.as_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    s3.put_object(Bucket=bucket, Key=key, Body=body.encode(), ContentType="application/json")
    return f"s3://{bucket}/{key}"


def measure(drift: Drift, cloudwatch: Any, namespace: str) -> bool:
    """Put the metrics, and say whether; without a verdict none at all, since 0 would say that nothing drifted."""
    if drift.drifted is None or drift.p_value is None:
        return False
    values = {
        "Drifted": int(drift.drifted),
        "DriftPValue": drift.p_value,
        "DriftImages": drift.images,
    }
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[{"MetricName": name, "Value": value} for name, value in values.items()],
    )
    return True
