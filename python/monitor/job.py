"""The scheduled drift measurement: a SageMaker processing job that runs `python3 monitor.zip`.

It reads the latest captures of the endpoint and the model's artifact, writes
s3://<bucket>/drift/<time>.json, and puts the metrics Drifted, DriftPValue and DriftImages, without
dimensions, into the namespace. Drift does not fail the job: the alarm on the metric reports it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3

from container.evaluation.baseline import BaselineError
from monitor import (
    drift,
    drift_table,
    latest_records,
    measurement,
    monitored_model,
    publishing,
)
from monitor.captures import Captures
from monitor.window import Window

SINCE = "24h"
MODEL = Path("/opt/ml/processing/model/model.tar.gz")


def main(argv: Sequence[str]) -> int:
    options = parse_arguments(argv)
    now = datetime.now(UTC)
    session = boto3.session.Session(region_name=region())
    s3 = session.client("s3")

    def captures(window: Window) -> Captures:
        prefix = f"{publishing.CAPTURED}/{options.endpoint}/"
        return Captures.in_s3(
            s3,
            options.bucket,
            prefix,
            window,
        )

    try:
        window = Window.parse(
            options.since,
            "",
            now,
            timedelta(days=1),
        )
        model = monitored_model.read_model(options.model)
        records = latest_records.read_latest(
            captures,
            window,
            options.images,
            now,
        )
        result = measurement.measure_drift(
            records,
            model,
            options.images,
            options.alpha,
            options.endpoint,
        )
    except (BaselineError, OSError, ValueError) as error:
        print(
            f"Error: {error}",
            file=sys.stderr,
            flush=True,
        )
        return 1
    print(drift_table.format_result(result), flush=True)
    url = publishing.put_result(
        result,
        s3,
        options.bucket,
        now,
    )
    print(f"Wrote {url}.", flush=True)
    if not publishing.put_metrics(
        result,
        session.client("cloudwatch"),
        options.namespace,
    ):
        print("No metric was put, since there is no verdict.", flush=True)
    return 0


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="monitor",
        description="Measure drift in captured images.",
    )
    parser.add_argument(
        "--bucket",
        required=True,
        help="bucket of the captures and of the result",
    )
    parser.add_argument(
        "--endpoint",
        required=True,
        help="endpoint whose captures to read",
    )
    parser.add_argument(
        "--namespace",
        required=True,
        help="namespace of the metrics",
    )
    parser.add_argument(
        "--images",
        type=int,
        default=latest_records.IMAGES,
        help="number of latest images to compare",
    )
    parser.add_argument(
        "--alpha",
        type=float,
        default=drift.ALPHA,
        help="highest probability of a false alarm in a window",
    )
    parser.add_argument(
        "--model",
        type=Path,
        default=MODEL,
        help="artifact of the served model",
    )
    parser.add_argument(
        "--since",
        default=SINCE,
        help="time of the oldest captures: 24h, 7d, 2026-11-20",
    )
    return parser.parse_args(argv)


def region() -> str | None:
    """The region; SageMaker's containers set AWS_REGION, which boto3 does not read."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
