"""What AWS's services send to the default event bus, such as the changes of a status.

A thread of its own delivers the events, so that no service waits for the targets of rules.
"""

from __future__ import annotations

import logging
import queue
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.events.models import events_backends

from localaws.events import rules
from localaws.json_object import JsonObject
from localaws.server.patching import Account, Closer

log = logging.getLogger(__name__)
_outbox: queue.SimpleQueue[tuple[Any, JsonObject] | None] = queue.SimpleQueue()


@dataclass(frozen=True)
class Kind:
    """The events of one source, such as "aws.states", and one detail type."""

    source: str
    detail_type: str


def install(_account: Account) -> Closer:
    sender = threading.Thread(target=_deliver, daemon=True)
    sender.start()

    def close() -> None:
        _outbox.put(None)
        sender.join()

    return close


def publish(
    account_id: str,
    region: str,
    kind: Kind,
    resource: str,
    detail: Callable[[], JsonObject],
) -> None:
    """Send an event about the resource with an ARN; `detail` is called for each rule."""
    bus = events_backends[account_id][region].event_buses.get("default")
    for rule in list(bus.rules.values()) if bus else []:
        if not rules.is_listening(rule):
            continue
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": kind.detail_type,
            "source": kind.source,
            "account": account_id,
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": region,
            "resources": [resource],
            "detail": detail(),
        }
        _outbox.put((rule, event))


def milliseconds(at: datetime) -> int:
    """Of the epoch, as events state times."""
    return int(at.timestamp() * 1000)


def _deliver() -> None:
    while message := _outbox.get():
        rule, event = message
        try:
            rule.send_to_targets(event)
        except Exception:  # a faulty rule must not affect the next one
            log.exception("%s was not notified of an event of %s", rule.arn, event["source"])
