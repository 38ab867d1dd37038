"""What no verb can make again: the labels of reviewers, and captured traffic."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from scones.aws import call_or_none
from scones.clients import S3Client

# By what is counted: the prefix and the suffix of its objects' keys.
OBJECTS: Mapping[str, tuple[str, str]] = {
    "review label": ("reviewed/", ".json"),
    "capture file": ("data-capture/", ".jsonl"),
}


def count(s3: S3Client, bucket: str) -> dict[str, int]:
    """Return how many there are of each kind that exists; none without the bucket."""
    counts = {
        kind: call_or_none(partial(_count_keys, s3, bucket, prefix, suffix))
        for kind, (prefix, suffix) in OBJECTS.items()
    }
    return {kind: number for kind, number in counts.items() if number}


def describe(counts: Mapping[str, int]) -> str:
    """Return such as "1 review label and 419 capture files"."""
    return " and ".join(
        f"{number:,} {kind}" + ("s" if number > 1 else "") for kind, number in counts.items()
    )


def _count_keys(s3: S3Client, bucket: str, prefix: str, suffix: str) -> int:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return sum(
        entry["Key"].endswith(suffix) for page in pages for entry in page.get("Contents", [])
    )
