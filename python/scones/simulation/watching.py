"""Finds out how executions ended, within the request rate that Step Functions allows.

Each execution must be described for its answer, and AWS allows about ten descriptions per second
(scones/request_rates.py). So the running executions are listed once per second, and each ended one
is described once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from scones.aws import TooBusy
from scones.clients import SFNClient
from scones.simulation.tally import Sent
from scones.workflow import executions, outcomes
from scones.workflow.outcomes import Outcome

PERIOD = 1.0
DESCRIBERS = 4


class Watcher:
    """Threads that put into `events` the Outcome of each image `add`ed, or an exception."""

    def __init__(
        self,
        states: SFNClient,
        machine: str,
        bucket: str,
        events: SimpleQueue[Any],
        period: float = PERIOD,
    ) -> None:
        self._states = states
        self._machine = machine
        self._bucket = bucket
        self._events = events
        self._period = period
        self._running: dict[str, Sent] = {}
        self._being_described: set[str] = set()
        self._ended: SimpleQueue[Sent] = SimpleQueue()
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def start(self) -> None:
        for work in (self._find_ended, *[self._describe_ended] * DESCRIBERS):
            threading.Thread(target=self._report_errors, args=[work], daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def add(self, sent: Sent) -> None:
        with self._lock:
            self._running[sent.arn] = sent

    def _report_errors(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._events.put(error)

    def _find_ended(self) -> None:
        while not self._stopped.wait(self._period):
            with self._lock:
                watched = self._running.keys() - self._being_described
            if not watched:
                continue
            ended = watched - executions.list_running(self._states, self._machine)
            with self._lock:
                self._being_described |= ended
                for arn in ended:
                    self._ended.put(self._running[arn])

    def _describe_ended(self) -> None:
        while True:
            sent = self._ended.get()
            outcome = self._outcome(sent)
            with self._lock:
                self._being_described.remove(sent.arn)
                if outcome:
                    del self._running[sent.arn]
            if outcome:
                self._events.put(outcome)

    def _outcome(self, sent: Sent) -> Outcome | None:
        """The outcome; None for a new execution that the list, which may lag, does not show yet."""
        try:
            description = executions.describe(self._states, sent.arn)
        except TooBusy:
            return None
        if description is None:
            cause = "The execution does not exist: it is deleted some time after its state machine."
            return Outcome(
                "failed",
                self._bucket,
                sent.key,
                None,
                None,
                None,
                "ExecutionDoesNotExist",
                cause,
                sent.arn,
                0,
            )
        if description["status"] == "RUNNING":
            return None
        return outcomes.read(description, self._bucket, sent.key)
