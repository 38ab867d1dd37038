"""The clock of the room: it looks at the queues and evaluates every alarm, again and again."""

from __future__ import annotations

import json
import logging
import threading
import time
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.sqs.models import sqs_backends

from localaws.cloudwatch import alarms, evaluation, metrics
from localaws.cloudwatch.evaluation import Verdict
from localaws.server.patching import Account, Closer

SECONDS = 2.0
SWEEP_SECONDS = 60.0

log = logging.getLogger(__name__)


def install(_account: Account) -> Closer:
    return Watch().close


class Watch:
    def __init__(self) -> None:
        self._closed = threading.Event()
        self._swept = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(SECONDS):
            try:
                self._look()
            except Exception:  # whatever went wrong, it may go right the next time
                log.exception("The alarms were not evaluated")

    def _look(self) -> None:
        now = time.time()
        for account in list(sqs_backends.values()):
            for backend in list(account.values()):
                _sample_queues(backend, now)
        sweep = time.monotonic() - self._swept > SWEEP_SECONDS
        self._swept = time.monotonic() if sweep else self._swept
        for account in list(cloudwatch_backends.values()):
            for backend in list(account.values()):
                for alarm in list(backend.alarms.values()):
                    _evaluate(backend, alarm, now)
                if sweep:
                    metrics.store(backend).sweep(now)


def _sample_queues(backend: Any, now: float) -> None:
    milliseconds = now * 1000
    for queue in list(backend.queues.values()):
        messages = list(queue._messages)
        visible = sum(
            m.visible_at < milliseconds and m.delayed_until <= milliseconds for m in messages
        )
        oldest = min((m.sent_timestamp for m in messages if m.sent_timestamp), default=milliseconds)
        of_queue = (backend.account_id, backend.region_name, "AWS/SQS")
        dimensions = {"QueueName": queue.name}
        metrics.put(
            *of_queue, "ApproximateNumberOfMessagesVisible", visible, dimensions, "Count", now
        )
        age = max(0.0, (milliseconds - oldest) // 1000)
        metrics.put(*of_queue, "ApproximateAgeOfOldestMessage", age, dimensions, "Seconds", now)


def _evaluate(backend: Any, alarm: Any, now: float) -> None:
    verdict = _verdict(backend, alarm, now)
    if verdict.state is None or backend.alarms.get(alarm.name) is not alarm:
        return
    if verdict.state != alarm.state_value:
        data = {**verdict.data(now), "threshold": alarm.threshold}
        alarm.update_state(verdict.reason, json.dumps(data), verdict.state)
    elif not verdict.values:  # it cannot be worked out at all: say why, also where it never could
        alarm.state_reason = verdict.reason


def _verdict(backend: Any, alarm: Any, now: float) -> Verdict:
    try:
        rule = alarms.rule_of(alarm)
        if rule is None:
            return Verdict(None, "Not evaluated.")
        return evaluation.evaluate(rule, lambda *asked: metrics.read(backend, *asked), now)
    except Exception as error:  # one odd alarm must not silence the others
        log.debug("The alarm %s cannot be evaluated", alarm.name, exc_info=True)
        return Verdict(
            evaluation.INSUFFICIENT_DATA,
            f"Insufficient Data: the alarm cannot be evaluated ({error!r}).",
        )
