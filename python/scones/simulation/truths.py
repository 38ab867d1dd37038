"""The true labels of what was sent, written as the run goes on: a report in the middle of it knows them too."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from monitor import ground_truth
from scones.simulation.tally import Sent

# The first labels come soon, and a long run does not leave hundreds of small objects.
SOONEST, LATEST, SHARE = 5.0, 60.0, 0.1


class Truths:
    """Writes an object of labels in s3://bucket now and then; those of a refused request wait for the next one."""

    def __init__(self, s3: Any, bucket: str, run: str) -> None:
        self._s3, self._bucket, self._run = s3, bucket, run
        self._begun = self._written_at = time.monotonic()
        self._written: set[str] = set()
        self.objects = 0

    def write_when_due(self, sent: Iterable[Sent]) -> None:
        now = time.monotonic()
        if now - self._written_at >= min(LATEST, max(SOONEST, SHARE * (now - self._begun))):
            self._written_at = now
            try:
                self.write(sent)
            except (ClientError, BotoCoreError):
                return

    def write(self, sent: Iterable[Sent]) -> None:
        """Write the labels that have not been, if there are any."""
        labels = {
            one.inference_id: one.picture.truth
            for one in sent
            if one.inference_id not in self._written
        }
        if labels:
            key = ground_truth.key(
                datetime.now(UTC), f"simulation-{self._run}-{self.objects + 1:03}"
            )
            self._s3.put_object(
                Bucket=self._bucket, Key=key, Body=ground_truth.lines(labels).encode()
            )
            self._written |= labels.keys()
            self.objects += 1
