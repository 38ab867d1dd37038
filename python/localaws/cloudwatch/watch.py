"""The clock of the alarms: samples queues and endpoints, and evaluates every alarm."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.sagemaker.models import sagemaker_backends
from moto.sqs.models import sqs_backends

from localaws.cloudwatch import alarms, evaluation, metrics
from localaws.cloudwatch.evaluation import Verdict
from localaws.server.patching import Account, Closer

SECONDS = 2.0
SWEEP_SECONDS = 60.0
SERVING = {"InService", "Updating"}

log = logging.getLogger(__name__)


def install(_account: Account) -> Closer:
    closed = threading.Event()
    thread = threading.Thread(target=_run, args=(closed,), daemon=True)
    thread.start()

    def close() -> None:
        closed.set()
        thread.join()

    return close


def _run(closed: threading.Event) -> None:
    swept = time.time()
    while not closed.wait(SECONDS):
        now = time.time()
        try:
            for queues in _backends(sqs_backends):
                _sample_queues(queues, now)
            for sagemaker in _backends(sagemaker_backends):
                _sample_endpoints(sagemaker, now)
            for cloudwatch in _backends(cloudwatch_backends):
                for alarm in list(cloudwatch.alarms.values()):
                    _evaluate(cloudwatch, alarm, now)
                if now - swept > SWEEP_SECONDS:
                    metrics.store(cloudwatch).sweep(now)
        except Exception:  # the next round may succeed
            log.exception("The alarms were not evaluated")
        if now - swept > SWEEP_SECONDS:
            swept = now


def _backends(accounts: Any) -> Iterator[Any]:
    """Every region's backend of every account, from a copy: other threads add to them."""
    for regions in list(accounts.values()):
        yield from list(regions.values())


def _sample_queues(backend: Any, now: float) -> None:
    milliseconds = now * 1000
    for queue in list(backend.queues.values()):
        messages = list(queue._messages)
        visible = sum(
            message.visible_at < milliseconds and message.delayed_until <= milliseconds
            for message in messages
        )
        sent = [message.sent_timestamp for message in messages if message.sent_timestamp]
        age = max(0.0, (milliseconds - min(sent, default=milliseconds)) // 1000)
        samples = {
            "Count": {"ApproximateNumberOfMessagesVisible": visible},
            "Seconds": {"ApproximateAgeOfOldestMessage": age},
        }
        for unit, values in samples.items():
            metrics.put(
                backend.account_id,
                backend.region_name,
                "AWS/SQS",
                {"QueueName": queue.name},
                values,
                unit,
                now,
            )


def _sample_endpoints(backend: Any, now: float) -> None:
    """Every instance of an endpoint in service reports its load: here that of this machine."""
    percent = 100 * os.getloadavg()[0] / (os.cpu_count() or 1)
    for endpoint in list(backend.endpoints.values()):
        if endpoint.endpoint_status not in SERVING:
            continue
        for variant in endpoint.production_variants:
            metrics.put(
                backend.account_id,
                backend.region_name,
                "/aws/sagemaker/Endpoints",
                {
                    "EndpointName": endpoint.endpoint_name,
                    "VariantName": variant["VariantName"],
                },
                {"CPUUtilization": percent},
                "Percent",
                now,
            )


def _evaluate(backend: Any, alarm: Any, now: float) -> None:
    verdict = _verdict(backend, alarm, now)
    if verdict.state is None or backend.alarms.get(alarm.name) is not alarm:
        return
    if verdict.state != alarm.state_value:
        data = {**verdict.data(now), "threshold": alarm.threshold}
        alarm.update_state(verdict.reason, json.dumps(data), verdict.state)
    elif not verdict.values:  # it cannot be evaluated at all: show why, from the first time on
        alarm.state_reason = verdict.reason


def _verdict(backend: Any, alarm: Any, now: float) -> Verdict:
    try:
        rule = alarms.rule_of(alarm)
        if rule is None:
            return Verdict(None, "Not evaluated.")
        return evaluation.evaluate(rule, lambda *query: metrics.read(backend, *query), now)
    except Exception as error:  # a faulty alarm must not stop the others
        log.debug("The alarm %s cannot be evaluated", alarm.name, exc_info=True)
        reason = f"Insufficient Data: the alarm cannot be evaluated ({error!r})."
        return Verdict(evaluation.INSUFFICIENT_DATA, reason)
