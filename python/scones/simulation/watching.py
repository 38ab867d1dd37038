"""Learns how executions ended, without asking more than Step Functions answers.

Each execution has to be described for its answer, and AWS grants 10 to 15 descriptions a second. So nobody asks whether
one has ended: a list of those that still run, once a second, tells that of all of them, and each is described once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any

from scones.aws import TooBusy
from scones.simulation.tally import Ended, Sent
from scones.workflow import executions, outcomes
from scones.workflow.outcomes import Outcome

PERIOD = 1.0
ASKERS = 4


class Watch:
    """Threads that put Ended into `news` for whatever was `add`ed, or the exception that ends it all."""

    def __init__(
        self,
        states: Any,
        machine: str,
        bucket: str,
        classes: Sequence[str],
        news: SimpleQueue[Any],
        period: float = PERIOD,
    ) -> None:
        self._states, self._machine, self._bucket, self._classes = states, machine, bucket, classes
        self._news, self._period = news, period
        self._running: dict[str, Sent] = {}
        self._asked: set[str] = set()
        self._ended: SimpleQueue[Sent] = SimpleQueue()
        self._lock, self._stopped = threading.Lock(), threading.Event()

    def start(self) -> None:
        for work in (self._look, *[self._ask] * ASKERS):
            threading.Thread(target=self._safely, args=[work], daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def add(self, sent: Sent) -> None:
        with self._lock:
            self._running[sent.arn] = sent

    def _safely(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._news.put(error)

    def _look(self) -> None:
        while not self._stopped.wait(self._period):
            with self._lock:
                waiting = {
                    arn: sent for arn, sent in self._running.items() if arn not in self._asked
                }
            ended = (
                waiting.keys() - executions.running(self._states, self._machine)
                if waiting
                else set()
            )
            with self._lock:
                self._asked |= ended
            for arn in ended:
                self._ended.put(waiting[arn])

    def _ask(self) -> None:
        while True:
            sent = self._ended.get()
            outcome = self._outcome(sent)
            with self._lock:
                self._asked.remove(sent.arn)
                if outcome:
                    del self._running[sent.arn]
            if outcome:
                self._news.put(Ended(sent.arn, outcome))

    def _outcome(self, sent: Sent) -> Outcome | None:
        """The outcome; None for an execution that the list, which may be a little old, does not have yet."""
        try:
            description = executions.describe(self._states, sent.arn)
        except TooBusy:
            return None
        if description is None:
            cause = "The execution went away, as it does some time after its state machine."
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
        return outcomes.read(description, self._bucket, sent.key, self._classes)
