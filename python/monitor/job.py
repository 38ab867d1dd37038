"""The scheduled look for drift: a SageMaker processing job that runs `python3 monitor.zip --bucket …`.

It reads what the endpoint captured lately and the model's artifact, writes s3://<bucket>/drift/<time>.json, and puts
the metrics Drifted, DriftPValue and DriftImages, without dimensions, into the namespace. Drift is no failure of the
job: the alarm on the metric tells of it.
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
from monitor import drift, newest, publishing, table, watch, watched_model
from monitor.captures import Captures
from monitor.window import Window

SINCE = "24h"
MODEL = Path("/opt/ml/processing/model/model.tar.gz")


def main(argv: Sequence[str]) -> int:
    arguments = argparse.ArgumentParser(
        prog="monitor", description="Look for drift in captured pictures."
    )
    arguments.add_argument(
        "--bucket", required=True, help="with the captures; the outcome goes there too"
    )
    arguments.add_argument("--endpoint", required=True, help="whose captures")
    arguments.add_argument("--namespace", required=True, help="of the metrics")
    arguments.add_argument(
        "--images", type=int, default=newest.IMAGES, help="how many of the newest"
    )
    arguments.add_argument(
        "--alpha", type=float, default=drift.ALPHA, help="how often a window may alarm by chance"
    )
    arguments.add_argument("--model", type=Path, default=MODEL, help="the artifact that serves")
    arguments.add_argument(
        "--since", default=SINCE, help="the oldest to look at: 24h, 7d, 2026-11-20"
    )
    options = arguments.parse_args(argv)
    now = datetime.now(UTC)
    try:
        window = Window.parse(options.since, "", now, timedelta(days=1))
        model = watched_model.read(options.model)
        s3 = boto3.client("s3", region_name=region())
        prefix = f"{publishing.CAPTURED}/{options.endpoint}/"
        records = newest.latest(
            lambda span: Captures.in_s3(s3, options.bucket, prefix, span),
            window,
            options.images,
            now,
        )
        found = watch.measure(records, model, options.images, options.alpha, options.endpoint)
    except (BaselineError, OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)
        return 1
    print(table.of(found), flush=True)
    print(f"Written to {publishing.put(found, s3, options.bucket, now)}.", flush=True)
    if not publishing.measure(
        found, boto3.client("cloudwatch", region_name=region()), options.namespace
    ):
        print("No metric was put, since there is no verdict.", flush=True)
    return 0


def region() -> str | None:
    """SageMaker's containers name it AWS_REGION, which boto3 does not read."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
