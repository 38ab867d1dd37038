"""What an alarm sends to a topic or a function when its state changes, in CloudWatch's words."""

from __future__ import annotations

import functools
import json
from datetime import datetime
from typing import Any

from botocore.loaders import Loader
from moto.utilities.arns import parse_arn

from localaws.json_object import JsonObject

SUBJECT_LIMIT = 100


def subject(alarm: Any) -> str:
    region = _region(alarm.region_name)
    return f'{alarm.state_value}: "{alarm.name}" in {region}'[:SUBJECT_LIMIT]


def message(alarm: Any, former: str) -> str:
    return json.dumps(
        {
            "AlarmName": alarm.name,
            "AlarmDescription": alarm.description,
            "AWSAccountId": parse_arn(alarm.alarm_arn).account,
            "AlarmConfigurationUpdatedTimestamp": _instant(alarm.configuration_updated_timestamp),
            "NewStateValue": alarm.state_value,
            "NewStateReason": alarm.state_reason,
            "StateChangeTime": _instant(alarm.state_updated_timestamp),
            "Region": _region(alarm.region_name),
            "AlarmArn": alarm.alarm_arn,
            "OldStateValue": former,
            "OKActions": alarm.ok_actions,
            "AlarmActions": alarm.alarm_actions,
            "InsufficientDataActions": alarm.insufficient_data_actions,
            "Trigger": _trigger(alarm),
        }
    )


def function_event(alarm: Any, former: str) -> str:
    return json.dumps(
        {
            "source": "aws.cloudwatch",
            "alarmArn": alarm.alarm_arn,
            "accountId": parse_arn(alarm.alarm_arn).account,
            "time": _instant(alarm.state_updated_timestamp),
            "region": alarm.region_name,
            "alarmData": {
                "alarmName": alarm.name,
                "state": {"value": alarm.state_value, "reason": alarm.state_reason},
                "previousState": {"value": former},
            },
        }
    )


def _trigger(alarm: Any) -> JsonObject:
    condition = {
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing_data or "missing",
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
    }
    if alarm.metric_data_queries:
        return {**condition, "Metrics": [_query(query) for query in alarm.metric_data_queries]}
    kind = "ExtendedStatistic" if alarm.extended_statistic else "Statistic"
    return {
        **_metric(alarm),
        "StatisticType": kind,
        kind: alarm.extended_statistic or str(alarm.statistic).upper(),
        "Unit": alarm.unit,
        **condition,
    }


def _query(query: Any) -> JsonObject:
    summary = {"Id": query.id, "Label": query.label, "ReturnData": query.return_data is not False}
    stat = query.metric_stat
    if stat is None:
        return {**summary, "Expression": query.expression}
    metric_stat = {"Metric": _metric(stat.metric), "Period": stat.period, "Stat": stat.stat}
    return {**summary, "MetricStat": metric_stat}


def _metric(source: Any) -> JsonObject:
    return {
        "MetricName": source.metric_name,
        "Namespace": source.namespace,
        "Dimensions": [
            {"value": dimension.value, "name": dimension.name} for dimension in source.dimensions
        ],
    }


def _instant(at: datetime) -> str:
    """`at` has no time zone, as moto's times."""
    return at.isoformat(timespec="milliseconds") + "+0000"


@functools.cache
def _region(name: str) -> str:
    """The region's name in the console, such as US East (N. Virginia)."""
    for partition in Loader().load_data("endpoints")["partitions"]:
        if name in partition["regions"]:
            return str(partition["regions"][name]["description"])
    return name
