"""What serves an endpoint: a model server for each production variant."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from localaws.sagemaker.variant_server import INVOCATION_SECONDS, Plan, VariantServer
from localaws.server.patching import Account

INVOCATIONS = 256  # of one endpoint at a time; the service refuses more
DRAIN_SECONDS = INVOCATION_SECONDS


class OverloadedError(Exception):
    """More simultaneous invocations than the endpoint accepts."""


class Fleet:
    def __init__(self, account: Account, plan: Plan) -> None:
        self.plan = plan
        self._servers = {
            variant["VariantName"]: VariantServer(account, plan, variant)
            for variant in plan.variants
        }
        self._changed = threading.Condition()
        self._running = 0
        self._retired = False

    def start(self) -> None:
        """Returns when every variant is healthy; otherwise ends all and raises NotServingError."""
        try:
            for server in self._servers.values():
                server.start()
            for server in self._servers.values():
                server.wait_until_healthy()
        except BaseException:
            self.kill()
            raise

    def choose(self, target: str | None) -> VariantServer | None:
        """The variant named `target`, or one by weight; None where there is no such variant."""
        if target:
            return self._servers.get(target)
        servers = list(self._servers.values())
        weights = [server.weight for server in servers]
        return random.choices(servers, weights if any(weights) else None)[0]

    @contextmanager
    def invocation(self) -> Iterator[bool]:
        """Keeps the fleet alive meanwhile; False where it has retired. Raises OverloadedError."""
        with self._changed:
            if self._running >= INVOCATIONS:
                raise OverloadedError
            alive = not self._retired
            self._running += alive
        try:
            yield alive
        finally:
            with self._changed:
                self._running -= alive
                self._changed.notify_all()

    def retire(self) -> None:
        """Accept no more invocations, let the running ones end, then stop."""
        with self._changed:
            self._retired = True
            self._changed.wait_for(lambda: not self._running, DRAIN_SECONDS)
        self.kill()

    def kill(self) -> None:
        for server in self._servers.values():
            server.kill()
