"""SQS: a queue keeps its policy when another attribute is set; its redrive policy has no spaces."""

from __future__ import annotations

import json
import threading
from typing import Any

from moto.sqs.models import Queue, SQSBackend

from localaws.json_object import JsonObject
from localaws.server.patching import change

_sending = threading.local()


@change(Queue)
def _set_attributes(
    moto: Any,
    self: Any,
    attributes: JsonObject,
    now: float | None = None,
) -> None:
    """moto forgets the policy when the attributes lack it; Terraform then waits for it in vain."""
    if "_policy_json" in vars(self):  # false for a new queue
        attributes = {"Policy": self.policy, **attributes}
    moto(self, attributes, now)


@change(SQSBackend)
def send_message(moto: Any, self: Any, *args: Any, **settings: Any) -> Any:
    """For one attribute of the queue, moto counts all of its messages, three times."""
    _sending.now = True
    try:
        return moto(self, *args, **settings)
    finally:
        _sending.now = False


@change(Queue)
def attributes(moto: Any, self: Any) -> JsonObject:
    if getattr(_sending, "now", False):
        return {"ContentBasedDeduplication": str(bool(self.content_based_deduplication)).lower()}
    answer: JsonObject = moto(self)
    if self.redrive_policy:
        # moto's has spaces, which Terraform takes for a difference.
        answer["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
    return answer
