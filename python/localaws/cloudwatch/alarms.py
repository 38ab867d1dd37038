"""Alarms: changes keep their state, they have a history, and state changes run their actions."""

from __future__ import annotations

import json
import logging
from typing import Any

from moto.awslambda.utils import get_backend as functions_of
from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.sns.models import sns_backends
from moto.utilities.arns import parse_arn

from localaws.cloudwatch import notifications
from localaws.cloudwatch.evaluation import ALARM, INSUFFICIENT_DATA, OK, Rule
from localaws.cloudwatch.queries import Queries, Stat
from localaws.cloudwatch.store import Metric
from localaws.events import resource_policy
from localaws.server.patching import change, fill

HISTORY = 100  # items for each alarm
STATE = (
    "state_value",
    "state_reason",
    "state_reason_data",
    "state_updated_timestamp",
    "state_transitioned_timestamp",
    "history",
)
# The principal for which a function must allow the invocation by an alarm.
ALARMS_OF_FUNCTIONS = "lambda.alarms.cloudwatch.amazonaws.com"

log = logging.getLogger(__name__)


def rule_of(alarm: Any) -> Rule | None:
    """What to evaluate; None for a composite alarm and for one of anomaly detection."""
    if alarm.rule is not None or alarm.threshold is None or alarm.threshold_metric_id:
        return None
    if alarm.metric_data_queries:
        queries: Queries = {query.id: _query(query) for query in alarm.metric_data_queries}
        # Alarms without a query that returns data watch the first one.
        returned = [query for query in alarm.metric_data_queries if query.return_data is not False]
        watched = (returned or alarm.metric_data_queries)[0].id
    else:
        statistic = alarm.extended_statistic or alarm.statistic
        stat = Stat(_metric(alarm), statistic, int(alarm.period), alarm.unit)
        watched, queries = "m1", {"m1": stat}
    return Rule(
        queries=queries,
        watched=watched,
        comparison=alarm.comparison_operator,
        threshold=float(alarm.threshold),
        periods=int(alarm.evaluation_periods),
        datapoints=int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
        missing=alarm.treat_missing_data or "missing",
    )


def _query(query: Any) -> Stat | str:
    stat = query.metric_stat
    if stat is None:
        return str(query.expression)
    return Stat(_metric(stat.metric), stat.stat, int(stat.period), stat.unit)


def _metric(source: Any) -> Metric:
    dimensions = {dimension.name: dimension.value for dimension in source.dimensions}
    return Metric.of(source.namespace, source.metric_name, dimensions)


@change(CloudWatchBackend)
def put_metric_alarm(moto: Any, self: Any, name: str, **settings: Any) -> Any:
    """In moto every new or changed alarm is OK."""
    former = self.alarms.get(name)
    alarm = moto(self, name=name, **settings)
    if former is None:
        alarm.state_value = INSUFFICIENT_DATA
        alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
        _record(alarm, "ConfigurationUpdate", f'Alarm "{name}" created')
    else:
        for attribute in STATE:
            setattr(alarm, attribute, getattr(former, attribute))
        _record(alarm, "ConfigurationUpdate", f'Alarm "{name}" updated')
    return alarm


@change(Alarm)
def update_state(
    _moto: Any,
    self: Any,
    reason: str,
    reason_data: str | None,
    state_value: str,
) -> None:
    """Called by SetAlarmState too, whose state lasts until the next evaluation, as on AWS."""
    former = self.state_value
    self.state_value = state_value
    self.state_reason = reason
    self.state_reason_data = reason_data or "{}"
    self.state_updated_timestamp = self.state_transitioned_timestamp = utcnow()
    states = {
        "oldState": {"stateValue": former},
        "newState": {"stateValue": state_value, "stateReason": reason},
    }
    _record(self, "StateUpdate", f"Alarm updated from {former} to {state_value}", states)
    if not self.actions_enabled or former == state_value:
        return
    actions = {
        ALARM: self.alarm_actions,
        OK: self.ok_actions,
        INSUFFICIENT_DATA: self.insufficient_data_actions,
    }
    for arn in actions[state_value]:
        try:
            outcome = _act(self, arn, former)
        except Exception as error:  # a failing action must not affect the alarm
            log.warning("The alarm %s could not reach %s: %r", self.name, arn, error)
            outcome = f"Failed to execute action {arn}: {error!r}"
        _record(self, "Action", outcome)


def _act(alarm: Any, arn: str, former: str) -> str:
    """Run an action and return the summary for the alarm's history."""
    target = parse_arn(arn)
    if target.service == "sns":
        topics = sns_backends[target.account][target.region]
        if not resource_policy.allows(alarm.alarm_arn, "sns:Publish", arn):
            raise PermissionError(f"the policy of {arn} does not allow the alarm to publish")
        message = notifications.message(alarm, former)
        topics.publish(message, arn, subject=notifications.subject(alarm))
    elif target.service == "lambda":
        action = "lambda:InvokeFunction"
        if not resource_policy.allows(alarm.alarm_arn, action, arn, ALARMS_OF_FUNCTIONS):
            raise PermissionError(f"the policy of {arn} does not allow the alarm to invoke it")
        functions_of(target.account, target.region).invoke(
            arn,
            None,
            notifications.function_event(alarm, former),
            {"X-Amz-Invocation-Type": "Event"},
            {},
        )
    else:
        return f"The local AWS does not support actions of {target.service}: {arn}"
    return f"Successfully executed action {arn}"


def _record(
    alarm: Any,
    kind: str,
    summary: str,
    data: Any = None,
) -> None:
    item = {
        "AlarmName": alarm.name,
        "AlarmType": "MetricAlarm" if alarm.rule is None else "CompositeAlarm",
        "Timestamp": utcnow(),
        "HistoryItemType": kind,
        "HistorySummary": summary,
        "HistoryData": json.dumps(data or {}),
    }
    alarm.history = [*alarm.history, item][-HISTORY:]


@fill(CloudWatchResponse)
def describe_alarm_history(self: Any) -> Any:
    """The newest first, unless the request asks for the oldest."""
    name = self._get_param("AlarmName")
    kind = self._get_param("HistoryItemType")
    items = []
    for alarm in list(self.cloudwatch_backend.alarms.values()):
        if name in (None, alarm.name):
            items += [item for item in alarm.history if kind in (None, item["HistoryItemType"])]
    newest_first = self._get_param("ScanBy") != "TimestampAscending"
    items.sort(key=lambda item: item["Timestamp"], reverse=newest_first)
    limit = int(self._get_param("MaxRecords") or HISTORY)
    return ActionResult({"AlarmHistoryItems": items[:limit]})
