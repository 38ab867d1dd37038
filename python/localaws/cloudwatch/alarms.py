"""Alarms: kept in their state when they are changed, with a history, and with what they do when they change it."""

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
from localaws.cloudwatch.queries import Stat
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

log = logging.getLogger(__name__)


def rule_of(alarm: Any) -> Rule | None:
    """What is to be evaluated; None for a composite alarm and for one of anomaly detection."""
    if alarm.rule is not None or alarm.threshold is None or alarm.threshold_metric_id:
        return None
    watched = "m1"
    if alarm.metric_data_queries:
        queries = {query.id: _query(query) for query in alarm.metric_data_queries}
        returned = [
            query.id for query in alarm.metric_data_queries if query.return_data is not False
        ]
        watched = returned[0] if returned else alarm.metric_data_queries[0].id
    else:
        metric = _metric(alarm.namespace, alarm.metric_name, alarm.dimensions)
        statistic = alarm.extended_statistic or alarm.statistic
        queries = {watched: Stat(metric, statistic, int(alarm.period), alarm.unit)}
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
    metric = _metric(stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions)
    return Stat(metric, stat.stat, int(stat.period), stat.unit)


def _metric(namespace: str, name: str, dimensions: list[Any]) -> Metric:
    return Metric.of(namespace, name, {dimension.name: dimension.value for dimension in dimensions})


@change(CloudWatchBackend)
def put_metric_alarm(moto: Any, self: Any, name: str, **settings: Any) -> Any:
    """moto begins with OK, and again at every change."""
    former = self.alarms.get(name)
    alarm = moto(self, name=name, **settings)
    if former is None:
        alarm.state_value = INSUFFICIENT_DATA
        alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
    else:
        for attribute in STATE:
            setattr(alarm, attribute, getattr(former, attribute))
    changed = "created" if former is None else "updated"
    _remember(alarm, "ConfigurationUpdate", f'Alarm "{name}" {changed}', {})
    return alarm


@change(Alarm)
def update_state(
    _moto: Any, self: Any, reason: str, reason_data: str | None, state_value: str
) -> None:
    """Called by SetAlarmState too, whose state lasts until the next evaluation, as on AWS."""
    former = self.state_value
    self.state_reason, self.state_reason_data = reason, reason_data or "{}"
    self.state_value, self.state_updated_timestamp = state_value, utcnow()
    self.state_transitioned_timestamp = self.state_updated_timestamp
    states = {
        "oldState": {"stateValue": former},
        "newState": {"stateValue": state_value, "stateReason": reason},
    }
    _remember(self, "StateUpdate", f"Alarm updated from {former} to {state_value}", states)
    if self.actions_enabled and former != state_value:
        actions = {
            ALARM: self.alarm_actions,
            OK: self.ok_actions,
            INSUFFICIENT_DATA: self.insufficient_data_actions,
        }
        for arn in actions[state_value]:
            _act(self, arn, former)


def _act(alarm: Any, arn: str, former: str) -> None:
    try:
        outcome = _acted(alarm, arn, former)
    except Exception as error:  # whatever is wrong with an action is nothing to the alarm
        log.warning("The alarm %s could not reach %s: %r", alarm.name, arn, error)
        outcome = f"Failed to execute action {arn}: {error!r}"
    _remember(alarm, "Action", outcome, {})


def _acted(alarm: Any, arn: str, former: str) -> str:
    target = parse_arn(arn)
    if target.service == "sns":
        topics = sns_backends[target.account][target.region]
        if not resource_policy.lets_in(
            topics.get_topic(arn).policy, alarm.alarm_arn, "sns:Publish"
        ):
            raise PermissionError(f"the policy of {arn} does not let the alarm in")
        topics.publish(
            notifications.message(alarm, former), arn, subject=notifications.subject(alarm)
        )
    elif target.service == "lambda":
        event = notifications.function_event(alarm, former)
        functions_of(target.account, target.region).invoke(
            arn, None, event, {"X-Amz-Invocation-Type": "Event"}, {}
        )
    else:
        return f"No action of {target.service} is known to the local AWS: {arn}"
    return f"Successfully executed action {arn}"


def _remember(alarm: Any, kind: str, summary: str, data: dict[str, Any]) -> None:
    item = {
        "AlarmName": alarm.name,
        "AlarmType": "MetricAlarm" if alarm.rule is None else "CompositeAlarm",
        "Timestamp": utcnow(),
        "HistoryItemType": kind,
        "HistorySummary": summary,
        "HistoryData": json.dumps(data),
    }
    alarm.history = [*alarm.history, item][-HISTORY:]


@fill(CloudWatchResponse)
def describe_alarm_history(self: Any) -> Any:
    """The newest first, unless it is asked for otherwise."""
    name, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType")
    items = [
        item
        for alarm in list(self.cloudwatch_backend.alarms.values())
        for item in alarm.history
        if name in (None, alarm.name) and kind in (None, item["HistoryItemType"])
    ]
    items.sort(
        key=lambda item: item["Timestamp"],
        reverse=self._get_param("ScanBy") != "TimestampAscending",
    )
    return ActionResult(
        {"AlarmHistoryItems": items[: int(self._get_param("MaxRecords") or HISTORY)]}
    )
