"""Writes the true labels of sent images during the run, so that a report can use them at once."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from monitor import ground_truth
from scones.clients import S3Client
from scones.simulation.tally import Sent

# Seconds between two objects: the first labels come soon, a long run writes few objects.
MIN_INTERVAL = 5.0
MAX_INTERVAL = 60.0
INTERVAL_SHARE = 0.1  # of the seconds so far


class GroundTruthWriter:
    """Writes objects of labels to s3://bucket; labels of a failed request go into the next."""

    def __init__(self, s3: S3Client, bucket: str, run: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._run = run
        self._started = self._written_at = time.monotonic()
        self._written: set[str] = set()
        self.objects = 0

    def write_when_due(self, sent: Iterable[Sent]) -> None:
        now = time.monotonic()
        interval = INTERVAL_SHARE * (now - self._started)
        interval = min(MAX_INTERVAL, max(MIN_INTERVAL, interval))
        if now - self._written_at < interval:
            return
        self._written_at = now
        with suppress(ClientError, BotoCoreError):
            self.write(sent)

    def write(self, all_sent: Iterable[Sent]) -> None:
        """Write the labels that have not been written, if any."""
        labels = {
            sent.inference_id: sent.image.truth
            for sent in all_sent
            if sent.inference_id not in self._written
        }
        if not labels:
            return
        name = f"simulation-{self._run}-{self.objects + 1:03}"
        self._s3.put_object(
            Bucket=self._bucket,
            Key=ground_truth.key(datetime.now(UTC), name),
            Body=ground_truth.lines(labels).encode(),
        )
        self._written |= labels.keys()
        self.objects += 1
