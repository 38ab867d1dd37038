"""Publishes a drift result: as an object in the data bucket and as the metrics of an alarm."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from monitor.drift import DriftResult

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_s3 import S3Client

FOLDER = "drift"
CAPTURED = "data-capture"


def put_result(
    result: DriftResult,
    s3: S3Client,
    bucket: str,
    now: datetime,
) -> str:
    """Write the result to drift/<now>.json; returns its URL."""
    key = f"{FOLDER}/{now.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}.json"
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=result.json_text().encode(),
        ContentType="application/json",
    )
    return f"s3://{bucket}/{key}"


def put_metrics(result: DriftResult, cloudwatch: CloudWatchClient, namespace: str) -> bool:
    """Put the metrics; returns whether there were any.

    Without a verdict none are put, since 0 would mean that nothing drifted.
    """
    if result.drifted is None or result.p_value is None:
        return False
    values = {
        "Drifted": int(result.drifted),
        "DriftPValue": result.p_value,
        "DriftImages": result.images,
    }
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {
                "MetricName": name,
                "Value": value,
            }
            for name, value in values.items()
        ],
    )
    return True
