"""What nothing brings back: counted in the data bucket."""

from __future__ import annotations

import boto3

from scones.removal import irreplaceable

KEYS = {
    "reviewed/0a.json": "a label",
    "reviewed/0a.png": "its image",
    "data-capture/classifier/AllTraffic/2026/11/21/08/a.jsonl": "{}",
    "data-capture/classifier/AllTraffic/2026/11/21/08/b.jsonl": "{}",
    "train/a.png": "staged again at any time",
}


def test_labels_and_captured_traffic_are_counted_and_nothing_else(
    aws: boto3.session.Session,
) -> None:
    s3 = aws.client("s3")
    assert irreplaceable.count(s3, "data") == {}, "there is no bucket"
    s3.create_bucket(Bucket="data")
    assert irreplaceable.count(s3, "data") == {}
    for key, body in KEYS.items():
        s3.put_object(Bucket="data", Key=key, Body=body.encode())
    counts = irreplaceable.count(s3, "data")
    assert irreplaceable.describe(counts) == "1 review label and 2 capture files"
