"""Why an alarm is in its state, in the words of an operator.

CloudWatch words its reasons alike for all alarms ("[0] was less than the threshold (1.0)"), and
writes one only when the state changes. So what an alarm in OK says follows from its definition.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from scones.pages.wording import count
from scones.reporting.times import format_length

HOUR = 3600
# Keys of the queues' alarms begin with this.
OLDEST_MESSAGE = "oldest-message-"


def describe(key: str, alarm: Mapping[str, Any]) -> str:
    """The reason of an alarm of DescribeAlarms by its key; CloudWatch's own where ours is lacking.

    A deleted alarm has the state "MISSING".
    """
    state = alarm["StateValue"]
    reason = str(alarm["StateReason"])
    if state == "OK":
        return _describe_ok(key, alarm) or reason
    if state == "INSUFFICIENT_DATA":
        return "not measured yet" if key == "drift" else "no data yet"
    if state == "ALARM":
        return _describe_raised(key, alarm) or reason
    return reason


def _describe_ok(key: str, alarm: Mapping[str, Any]) -> str:
    length = format_length(_seconds(alarm))
    threshold = alarm.get("Threshold", 0)
    if key.startswith(OLDEST_MESSAGE):
        return f"no message waits for more than {_hours(threshold)}"
    sentences = {
        "drift": "the last measurement found no drift",
        "endpoint-errors": f"no server error in {length}",
        "endpoint-latency": f"95 % of the answers take at most {threshold / 1000:,.0f} ms",
        "executions-failed": f"no execution failed in {length}",
        "no-traffic": f"less than {length} without an image",
        "unsure-share": f"unsure of less than {100 * threshold:.3g} %",
    }
    return sentences.get(key, "")


def _describe_raised(key: str, alarm: Mapping[str, Any]) -> str:
    if key == "drift":
        return "the last measurement found drift"
    seconds = _seconds(alarm)
    since = alarm.get("StateTransitionedTimestamp")
    if key == "no-traffic" and since:
        quiet_since = (since - timedelta(seconds=seconds)).astimezone()
        return f"no image since {quiet_since:%Y-%m-%d %H:%M}"
    values = _recent_values(alarm)
    if not values:
        return ""
    value = max(values)
    if key.startswith(OLDEST_MESSAGE):
        return f"a message has waited for {_hours(value)}"
    length = format_length(seconds)
    sentences = {
        "endpoint-errors": f"{count(round(value), 'server error')} in {length}",
        "endpoint-latency": f"5 % of the answers take {value / 1000:,.0f} ms or more",
        "executions-failed": f"{count(round(value), 'execution')} failed in {length}",
        "unsure-share": f"unsure of {100 * value:.3g} % in {length}",
    }
    return sentences.get(key, "")


def _seconds(alarm: Mapping[str, Any]) -> int:
    """The time that an alarm looks back on."""
    periods = [alarm.get("Period", 0)]
    periods += [
        query["MetricStat"]["Period"] for query in alarm.get("Metrics", ()) if "MetricStat" in query
    ]
    return int(max(periods) * alarm.get("EvaluationPeriods", 1))


def _recent_values(alarm: Mapping[str, Any]) -> list[float]:
    """The values with which the state changed; none if CloudWatch names none."""
    try:
        data = json.loads(alarm.get("StateReasonData", "{}"))
        return [float(value) for value in data.get("recentDatapoints", ())]
    except (ValueError, TypeError, AttributeError):
        return []


def _hours(seconds: float) -> str:
    """Such as "24 hours" and "20 minutes"."""
    if seconds >= HOUR:
        return count(round(seconds / HOUR), "hour")
    return count(round(seconds / 60), "minute") if seconds >= 60 else format_length(round(seconds))
