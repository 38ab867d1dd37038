"""Keeps a client's requests under the rates that AWS allows, however many threads make them.

AWS counts with token buckets: each request takes a token, and tokens come back at a steady rate.
Step Functions publishes them (developer guide, "Service quotas"): DescribeExecution has a bucket of
250 and 10 per second, in the three largest regions 300 and 15; ListExecutions has 100 and 2 per
second, there 200 and 5. A fifth is left for the console and other programs.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rate:
    """So many requests at once, and so many more for each second."""

    burst: float
    per_second: float


RATES: dict[str, dict[str, Rate]] = {
    "stepfunctions": {
        "DescribeExecution": Rate(200, 8),
        "ListExecutions": Rate(80, 1.6),
    },
}


class TokenBucket:
    """The tokens of one operation; thread-safe."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._tokens = rate.burst
        self._counted = time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Take a token; wait until it is there."""
        with self._lock:
            now = time.monotonic()
            gained = (now - self._counted) * self._rate.per_second
            self._tokens = min(self._rate.burst, self._tokens + gained) - 1
            self._counted = now
            debt = -self._tokens
        if debt > 0:
            time.sleep(debt / self._rate.per_second)


def keep(client: Any, service: str) -> None:
    """Let `client` wait before requests that would exceed a rate; retries count, too."""
    for operation, rate in RATES.get(service, {}).items():
        bucket = TokenBucket(rate)

        def wait(bucket: TokenBucket = bucket, **_: Any) -> None:
            bucket.take()

        # First of all, since a signature is valid for a few minutes only.
        name = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"request-created.{name}.{operation}", wait)
