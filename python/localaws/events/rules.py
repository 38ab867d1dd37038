"""EventBridge: what a rule delivers to queues, topics, state machines and functions.

moto delivers for disabled rules and for schedules, ignores the queue's policy, leaves the account
out of the event, and fails the sender's PutEvents over a target that it does not know. On AWS a
sender never learns about the targets.
"""

from __future__ import annotations

import copy
import logging
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.utils import get_backend as functions_of
from moto.events.models import Rule
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.responses import get_backend as state_machines_of
from moto.utilities.arns import parse_arn

from localaws.events import resource_policy, target_input
from localaws.json_object import JsonObject
from localaws.server.patching import change

EVENT_FIELDS = (
    "version",
    "id",
    "detail-type",
    "source",
    "account",
    "time",
    "region",
    "resources",
    "detail",
)

log = logging.getLogger(__name__)


@change(Rule)
def send_to_targets(
    moto: Any,
    self: Any,
    original_event: JsonObject,
    transform_input: bool = True,
) -> None:
    if not is_listening(self) or not self.event_pattern.matches_event(original_event):
        return
    event = {field: original_event[field] for field in EVENT_FIELDS}
    if not isinstance(event["time"], str):
        time = datetime.fromtimestamp(float(event["time"]), UTC)
        event["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ")
    for target in self.targets:
        try:
            if not _deliver(self, target, target_input.of_target(target, event, self.arn)):
                rule = copy.copy(self)
                rule.targets = [target]
                moto(rule, original_event, transform_input)
        except Exception:  # a faulty target must not affect the sender
            log.exception("%s could not reach %s", self.arn, target["Arn"])


def is_listening(rule: Any) -> bool:
    """Whether the rule is enabled and waits for events: a schedule has no pattern."""
    return rule.state == "ENABLED" and bool(rule.event_pattern.get_pattern())


def _deliver(rule: Any, target: JsonObject, body: str) -> bool:
    """Returns False for a kind of target that is left to moto."""
    arn = parse_arn(target["Arn"])
    match arn.service:
        case "sqs":
            queues = sqs_backends[arn.account][arn.region]
            if _may_send(rule, target, queues.get_queue(arn.resource_id).policy, "sqs:SendMessage"):
                group = target.get("SqsParameters", {}).get("MessageGroupId")
                queues.send_message(arn.resource_id, body, group_id=group)
        case "sns":
            topics = sns_backends[arn.account][arn.region]
            if _may_send(rule, target, topics.get_topic(target["Arn"]).policy, "sns:Publish"):
                topics.publish(body, target["Arn"])
        case "states":
            state_machines = state_machines_of(arn.account, arn.region)
            state_machines.start_execution(target["Arn"], None, body)
        case "lambda":
            headers = {"X-Amz-Invocation-Type": "Event"}
            functions_of(arn.account, arn.region).invoke(target["Arn"], None, body, headers, {})
        case _:
            return False
    return True


def _may_send(
    rule: Any,
    target: JsonObject,
    policy: str | None,
    action: str,
) -> bool:
    allowed = resource_policy.allows(policy, rule.arn, action)
    if not allowed:
        log.warning("%s may not send to %s: its policy denies it", rule.arn, target["Arn"])
    return allowed
