"""SQS: a queue keeps its policy when another attribute is set, and its redrive policy as it was put."""

from __future__ import annotations

import json
from typing import Any

from moto.sqs.models import Queue

from localaws.server.patching import change


@change(Queue)
def _set_attributes(
    moto: Any, self: Any, attributes: dict[str, Any], now: float | None = None
) -> None:
    """moto forgets the policy whenever the attributes do not name it: Terraform then waits for it in vain."""
    is_new = "_policy_json" not in vars(self)
    moto(self, attributes if is_new else {"Policy": self.policy, **attributes}, now)


@change(Queue)
def attributes(moto: Any, self: Any) -> dict[str, Any]:
    answer: dict[str, Any] = moto(self)
    if self.redrive_policy:  # moto answers it with spaces, which Terraform takes for a difference
        answer["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
    return answer
