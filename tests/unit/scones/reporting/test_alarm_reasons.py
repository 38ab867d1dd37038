"""Why an alarm is in its state, for an operator."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from scones.reporting import alarm_reasons

AT = datetime(2026, 11, 21, 18, 20).astimezone()
OWN = "Threshold Crossed: 1 datapoint [0.0 (21/11/26 18:20:00)] was not greater than 1.0."


def alarm(state: str, *values: float, **changes: Any) -> dict[str, Any]:
    """An alarm of DescribeAlarms over 5 periods of a minute."""
    raw = {
        "StateValue": state,
        "StateReason": OWN,
        "StateReasonData": json.dumps({"recentDatapoints": values}),
        "StateTransitionedTimestamp": AT,
        "Threshold": 1.0,
        "EvaluationPeriods": 5,
        "Period": 60,
    }
    return {**raw, **changes}


@pytest.mark.parametrize(
    ("key", "changes", "sentence"),
    [
        ("executions-failed", {}, "no execution failed in 5 minutes"),
        ("endpoint-errors", {}, "no server error in 5 minutes"),
        ("endpoint-latency", {"Threshold": 1e6}, "95 % of the answers take at most 1,000 ms"),
        ("no-traffic", {}, "less than 5 minutes without an image"),
        ("unsure-share", {"Threshold": 0.5}, "unsure of less than 50 %"),
        ("drift", {}, "the last measurement found no drift"),
        (
            "oldest-message-review",
            {"Threshold": 86400.0},
            "no message waits for more than 24 hours",
        ),
    ],
)
def test_an_alarm_that_is_not_raised_says_what_that_means(
    key: str, changes: dict[str, Any], sentence: str
) -> None:
    assert alarm_reasons.describe(key, alarm("OK", 0.0, **changes)) == sentence


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("executions-failed", 1.0, "1 execution failed in 5 minutes"),
        ("endpoint-errors", 3.0, "3 server errors in 5 minutes"),
        ("endpoint-latency", 1_234_567.0, "5 % of the answers take 1,235 ms or more"),
        ("no-traffic", 0.0, "no image since 2026-11-21 18:15"),
        ("unsure-share", 0.625, "unsure of 62.5 % in 5 minutes"),
        ("drift", 1.0, "the last measurement found drift"),
        ("oldest-message-review", 93_600.0, "a message has waited for 26 hours"),
        ("oldest-message-review", 12.0, "a message has waited for 12 seconds"),
    ],
)
def test_a_raised_alarm_says_what_was_measured(key: str, value: float, sentence: str) -> None:
    assert alarm_reasons.describe(key, alarm("ALARM", 0.0, value)) == sentence


def test_the_periods_of_an_expression_are_those_of_its_metrics() -> None:
    metrics = [
        {"Id": "computed", "Expression": "SUM([started, 0 * load])"},
        {"Id": "started", "MetricStat": {"Period": 300}},
    ]
    raw = alarm("OK", Metrics=metrics, EvaluationPeriods=12)
    del raw["Period"]
    assert alarm_reasons.describe("no-traffic", raw) == "less than 1 hour without an image"


def test_before_the_first_measurement_there_is_no_data() -> None:
    assert alarm_reasons.describe("drift", alarm("INSUFFICIENT_DATA")) == "not measured yet"
    assert alarm_reasons.describe("unsure-share", alarm("INSUFFICIENT_DATA")) == "no data yet"


@pytest.mark.parametrize("data", ["", "[]", "{", "{}"])
def test_what_has_no_words_of_ours_keeps_those_of_cloudwatch(data: str) -> None:
    assert alarm_reasons.describe("another", alarm("ALARM", 5.0)) == OWN
    raised = alarm("ALARM", StateReasonData=data)
    assert alarm_reasons.describe("executions-failed", raised) == OWN
