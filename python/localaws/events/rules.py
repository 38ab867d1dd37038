"""EventBridge: what a rule hands to queues, topics, state machines and functions, and to whom it may.

moto delivers for disabled rules and for schedules too, asks no queue whether it lets the rule in, leaves the account
out of the event, and fails the sender's PutEvents over a target that it does not know. On AWS a sender never hears of
the targets.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.utils import get_backend as functions_of
from moto.events.models import Rule
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.responses import get_backend as state_machines_of
from moto.utilities.arns import parse_arn

from localaws.events import resource_policy, target_input
from localaws.server.patching import change

log = logging.getLogger(__name__)


@change(Rule)
def send_to_targets(
    moto: Any, self: Any, original_event: dict[str, Any], transform_input: bool = True
) -> None:
    if not listens(self) or not self.event_pattern.matches_event(original_event):
        return
    event = _as_sent(original_event)
    for target in self.targets:
        try:
            arn = parse_arn(target["Arn"])
            if deliver := DELIVERIES.get(arn.service):
                deliver(self, target, arn, target_input.of_target(target, event, self.arn))
            else:
                _by_moto(moto, self, target, original_event, transform_input)
        except Exception:  # whatever is wrong with a target is nothing to the sender
            log.exception("%s could not reach %s", self.arn, target["Arn"])


def listens(rule: Any) -> bool:
    """A schedule has no pattern: it waits for the clock, not for events."""
    return rule.state == "ENABLED" and bool(rule.event_pattern.get_pattern())


def _by_moto(
    moto: Any, rule: Any, target: dict[str, Any], event: dict[str, Any], transform_input: bool
) -> None:
    alone = copy.copy(rule)
    alone.targets = [target]
    moto(alone, event, transform_input)


def _as_sent(event: dict[str, Any]) -> dict[str, Any]:
    fields = (
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
    sent = {field: event[field] for field in fields}
    if not isinstance(sent["time"], str):
        sent["time"] = datetime.fromtimestamp(float(sent["time"]), UTC).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        )
    return sent


def _to_queue(rule: Any, target: dict[str, Any], arn: Any, body: str) -> None:
    queues = sqs_backends[arn.account][arn.region]
    if not _may_send(rule, target, queues.get_queue(arn.resource_id).policy, "sqs:SendMessage"):
        return
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    queues.send_message(queue_name=arn.resource_id, message_body=body, group_id=group)


def _to_topic(rule: Any, target: dict[str, Any], arn: Any, body: str) -> None:
    topics = sns_backends[arn.account][arn.region]
    if _may_send(rule, target, topics.get_topic(target["Arn"]).policy, "sns:Publish"):
        topics.publish(body, target["Arn"])


def _may_send(rule: Any, target: dict[str, Any], policy: str | None, action: str) -> bool:
    if resource_policy.lets_in(policy, rule.arn, action):
        return True
    log.warning(
        "%s may not send to %s: its policy does not let the rule in", rule.arn, target["Arn"]
    )
    return False


def _to_state_machine(_rule: Any, target: dict[str, Any], arn: Any, body: str) -> None:
    state_machines_of(arn.account, arn.region).start_execution(target["Arn"], None, body)


def _to_function(_rule: Any, target: dict[str, Any], arn: Any, body: str) -> None:
    functions_of(arn.account, arn.region).invoke(
        target["Arn"], None, body, {"X-Amz-Invocation-Type": "Event"}, {}
    )


DELIVERIES: dict[str, Callable[[Any, dict[str, Any], Any, str], None]] = {
    "sqs": _to_queue,
    "sns": _to_topic,
    "states": _to_state_machine,
    "lambda": _to_function,
}
