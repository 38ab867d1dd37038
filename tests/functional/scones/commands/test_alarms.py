"""The alarms as a table with advice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from scones.commands import alarms as command
from scones.commands.alarms import Alarm

PREFIX = "scones-local-"
AT = datetime(2026, 11, 21, 7, 12, tzinfo=UTC)


@pytest.fixture
def cloudwatch(aws: boto3.session.Session) -> Any:
    return aws.client("cloudwatch")


def put(cloudwatch: Any, key: str, state: str, reason: str = "because") -> None:
    cloudwatch.put_metric_alarm(
        AlarmName=PREFIX + key,
        AlarmDescription=f"About {key}.",
        Namespace="Scones/local",
        MetricName="Any",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=PREFIX + key, StateValue=state, StateReason=reason)


def names(*keys: str) -> dict[str, str]:
    return {key: PREFIX + key for key in keys}


def test_raised_alarms_come_first(cloudwatch: Any) -> None:
    put(cloudwatch, "drift", "OK")
    put(cloudwatch, "no-traffic", "INSUFFICIENT_DATA")
    put(cloudwatch, "unsure-share", "ALARM")
    put(cloudwatch, "executions-failed", "ALARM")
    put(cloudwatch, "another-projects", "ALARM")
    alarms = command.read_alarms(
        cloudwatch, PREFIX, names("drift", "executions-failed", "no-traffic", "unsure-share")
    )
    assert [(alarm.key, alarm.state) for alarm in alarms] == [
        ("executions-failed", "ALARM"),
        ("unsure-share", "ALARM"),
        ("no-traffic", "INSUFFICIENT_DATA"),
        ("drift", "OK"),
    ]
    assert all(alarm.since for alarm in alarms)


def test_a_deleted_alarm_is_missing(cloudwatch: Any) -> None:
    (alarm,) = command.read_alarms(cloudwatch, PREFIX, names("drift"))
    assert (alarm.state, alarm.since) == ("MISSING", None)
    assert command.table([alarm]).splitlines()[1].split() == [
        "drift",
        "MISSING",
        "-",
        "the",
        "alarm",
        "was",
        "deleted",
    ]


def test_more_than_a_page_of_alarms_is_read(cloudwatch: Any) -> None:
    keys = [f"oldest-message-{number:03}" for number in range(120)]
    for key in keys:
        put(cloudwatch, key, "OK")
    assert len(command.read_alarms(cloudwatch, PREFIX, names(*keys))) == 120


def test_only_raised_alarms_come_with_advice() -> None:
    raised = Alarm(
        "drift",
        "ALARM",
        AT,
        "Threshold Crossed: 1 datapoint was above.",
        "It drifts. Type: make report",
    )
    quiet = Alarm("unsure-share", "OK", AT, "All is well.", "Unsure. Type: make review")
    lines = f"{command.table([raised, quiet])}\n{command.advise([raised, quiet])}".splitlines()
    assert lines[0].split() == ["alarm", "state", "since", "reason"]
    assert lines[1].startswith("drift         ALARM  2026-11-")
    assert lines[1].endswith("1 datapoint was above.")
    assert lines[3:] == ["", "drift: It drifts. Type: make report"]


def test_without_a_raised_alarm_there_is_only_a_table() -> None:
    quiet = Alarm("drift", "OK", AT, "All is well.", "It drifts.")
    assert len(command.table([quiet]).splitlines()) == 2
    assert command.advise([quiet]) == ""


@pytest.mark.parametrize(
    ("reason", "shortened"),
    [
        (
            "Threshold Crossed: 1 out of the last 1 datapoints [3.0 (21/11/26 07:12:00)] was "
            "greater than or equal to the threshold (1.0) "
            "(minimum 1 datapoint for OK -> ALARM transition).",
            "[3.0] was greater than or equal to the threshold (1.0).",
        ),
        (
            "Threshold Crossed: 2 datapoints [0.0 (21/11/26 07:12:00), 0.5 (21/11/26 07:11:00)] "
            "were less than the threshold (1.0).",
            "[0.0, 0.5] were less than the threshold (1.0).",
        ),
        (
            "Threshold Crossed: no datapoints were received for 5 periods and 5 missing "
            "datapoints were treated as [Breaching].",
            "no data for 5 periods",
        ),
        ("Unchecked: Initial alarm creation", "Unchecked: Initial alarm creation"),
    ],
)
def test_a_reason_is_shortened_to_what_distinguishes_alarms(reason: str, shortened: str) -> None:
    assert command.shorten(reason) == shortened


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_long_reason_is_cut_where_the_terminal_ends(width: int) -> None:
    alarm = Alarm("oldest-message-nearby-orders", "ALARM", AT, "word " * 100, "It drifts.")
    lines = command.table([alarm], width).splitlines()
    assert max(map(len, lines)) <= width
    assert "oldest-message-nearby-orders  ALARM" in lines[1]
    assert (lines[1][-1] == "…") == ("reason" in lines[0])
