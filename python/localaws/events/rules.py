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
from localaws.iam.decisions import AccessDeniedError
from localaws.iam.sessions import NotAssumableError, assume
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

SERVICE = "events.amazonaws.com"
SESSION = "events"  # AWS's names are random

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
            if _is_admitted(rule, target, "sqs:SendMessage"):
                group = target.get("SqsParameters", {}).get("MessageGroupId")
                queues.send_message(arn.resource_id, body, group_id=group)
        case "sns":
            topics = sns_backends[arn.account][arn.region]
            if _is_admitted(rule, target, "sns:Publish"):
                topics.publish(body, target["Arn"])
        case "states":
            state_machines = state_machines_of(arn.account, arn.region)
            if _may_start(rule, target):
                state_machines.start_execution(target["Arn"], None, body)
        case "lambda":
            headers = {"X-Amz-Invocation-Type": "Event"}
            functions = functions_of(arn.account, arn.region)
            if _is_admitted(rule, target, "lambda:InvokeFunction"):
                functions.invoke(target["Arn"], None, body, headers, {})
        case _:
            return False
    return True


def _is_admitted(rule: Any, target: JsonObject, action: str) -> bool:
    """Whether the policy of the queue, topic or function lets the rule in."""
    allowed = resource_policy.allows(rule.arn, action, target["Arn"])
    if not allowed:
        log.warning("%s may not send to %s: its policy denies it", rule.arn, target["Arn"])
    return allowed


def _may_start(rule: Any, target: JsonObject) -> bool:
    """Whether the target's role may start the state machine."""
    role = target.get("RoleArn") or ""
    try:
        session = assume(parse_arn(rule.arn).account, role, SERVICE, SESSION, source_arn=rule.arn)
        session.require("states:StartExecution", target["Arn"])
    except (NotAssumableError, AccessDeniedError) as error:
        log.warning("%s may not start %s: %s", rule.arn, target["Arn"], error)
        return False
    return True
