"""SQS: a queue keeps its policy when another attribute is set; its redrive policy has no spaces."""

from __future__ import annotations

import json
from typing import Any

from moto.sqs.models import Queue

from localaws.json_object import JsonObject
from localaws.server.patching import change


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


@change(Queue)
def attributes(moto: Any, self: Any) -> JsonObject:
    answer: JsonObject = moto(self)
    if self.redrive_policy:
        # moto's has spaces, which Terraform takes for a difference.
        answer["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
    return answer
