from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.cloudwatch.evaluation import Rule, evaluate, judge
from localaws.cloudwatch.expressions import Series
from localaws.cloudwatch.queries import Stat
from localaws.cloudwatch.store import Metric, Store

NOW = 1_800_000_000.0
ERRORS = Metric("Test", "Errors")
RULE = {
    "queries": {"m1": Stat(ERRORS, "Sum", 60)},
    "watched": "m1",
    "comparison": "GreaterThanThreshold",
    "threshold": 2.0,
    "periods": 1,
    "datapoints": 1,
}


def rule(**changes: Any) -> Rule:
    return Rule(**{**RULE, **changes})


def state(values: str, datapoints: int, missing: str) -> str | None:
    """Of as many windows as letters: X is over the threshold, 0 is not, - is missing."""
    letters: dict[str, float | None] = {"X": 3, "0": 0, "-": None}
    asked = rule(periods=len(values), datapoints=datapoints, missing=missing)
    return judge(asked, [letters[letter] for letter in values], [NOW] * len(values))[0]


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        ("GreaterThanThreshold", "OK", "OK", "ALARM"),
        ("GreaterThanOrEqualToThreshold", "OK", "ALARM", "ALARM"),
        ("LessThanThreshold", "ALARM", "OK", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM", "ALARM", "OK"),
    ],
)
def test_a_value_is_compared_with_the_threshold(
    comparison: str, below: str, at: str, above: str
) -> None:
    states = [judge(rule(comparison=comparison), [value], [NOW])[0] for value in (1.9, 2.0, 2.1)]
    assert states == [below, at, above]


@pytest.mark.parametrize(
    ("values", "datapoints", "missing", "ignore", "breaching", "not_breaching"),
    [  # None: the alarm stays as it is
        ("0XX", 3, "OK", "OK", "OK", "OK"),
        ("XXX", 3, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("--0", 3, "OK", "OK", "OK", "OK"),
        ("---", 3, "INSUFFICIENT_DATA", None, "ALARM", "OK"),
        ("X--", 3, "ALARM", None, "ALARM", "OK"),
        ("0XX", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("X0X", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("X00", 2, "OK", "OK", "OK", "OK"),
        ("0X-", 2, "OK", "OK", "ALARM", "OK"),
        ("--0", 2, "OK", "OK", "ALARM", "OK"),
        ("-X-", 2, "ALARM", None, "ALARM", "OK"),
        ("X-", 1, "ALARM", "ALARM", "ALARM", "ALARM"),
    ],
)
def test_missing_data_is_treated_as_the_alarm_is_configured(
    values: str,
    datapoints: int,
    missing: str,
    ignore: str | None,
    breaching: str,
    not_breaching: str,
) -> None:
    treatments = ("missing", "ignore", "breaching", "notBreaching")
    states = [state(values, datapoints, treatment) for treatment in treatments]
    assert states == [missing, ignore, breaching, not_breaching]


def reader(store: Store) -> Any:
    def read(stat: Stat, start: float, count: int, period: int) -> Series:
        windows = store.windows(stat.metric, start, count, period, stat.unit)
        return [window.statistic(stat.statistic) for window in windows]

    return read


def test_the_windows_end_now() -> None:
    store = Store()
    for _ in range(3):
        store.add(ERRORS, 1, NOW)
    states = [evaluate(rule(), reader(store), NOW + after).state for after in (0, 1, 60, 61)]
    assert states == ["INSUFFICIENT_DATA", "ALARM", "ALARM", "INSUFFICIENT_DATA"]


def test_a_share_of_too_few_is_no_alarm() -> None:
    store = Store()
    judged, unsure = Metric("Test", "Judged"), Metric("Test", "Unsure")
    share = rule(
        queries={
            "judged": Stat(judged, "Sum", 300),
            "unsure": Stat(unsure, "Sum", 300),
            "share": "IF(judged >= 20, unsure / judged, 0)",
        },
        watched="share",
        threshold=0.5,
    )
    assert evaluate(share, reader(store), NOW).state == "INSUFFICIENT_DATA"
    store.add(judged, 1, NOW - 100, count=19)
    store.add(unsure, 1, NOW - 100, count=15)
    assert evaluate(share, reader(store), NOW).state == "OK"
    store.add(judged, 1, NOW - 10)
    verdict = evaluate(share, reader(store), NOW)
    assert (verdict.state, verdict.values) == ("ALARM", (0.75,))


def test_a_percentile_is_watched() -> None:
    store = Store()
    for milliseconds in range(100):
        store.add(ERRORS, milliseconds, NOW - 1)
    slow = rule(queries={"m1": Stat(ERRORS, "p95", 60)}, threshold=90)
    assert evaluate(slow, reader(store), NOW).values == (94,)


def test_silence_counts_only_while_instances_report_their_load() -> None:
    """As the alarm no-traffic does: a metric that has no data at all must not raise it."""
    store = Store()
    started, load = Metric("Test", "Started"), Metric("Test", "Load")
    silence = rule(
        queries={
            "started": Stat(started, "Sum", 60),
            "load": Stat(load, "Maximum", 60),
            "computed": "SUM([started, 0 * load])",
        },
        watched="computed",
        comparison="LessThanThreshold",
        threshold=1.0,
        periods=3,
        datapoints=3,
        missing="notBreaching",
    )
    states = [evaluate(silence, reader(store), NOW).state]
    for ago in (130, 70, 10):
        store.add(load, 40, NOW - ago)
        states.append(evaluate(silence, reader(store), NOW).state)
    store.add(started, 1, NOW - 10)
    states.append(evaluate(silence, reader(store), NOW).state)
    assert states == ["OK", "OK", "OK", "ALARM", "OK"]


@pytest.mark.parametrize("query", ["ANOMALY_DETECTION_BAND(m2)", "m1 +", "m3"])
def test_a_query_that_cannot_be_evaluated_is_insufficient_data_with_a_reason(query: str) -> None:
    odd = rule(queries={"m1": query, "m2": Stat(ERRORS, "Sum", 60)})
    verdict = evaluate(odd, reader(Store()), NOW)
    assert verdict.state == "INSUFFICIENT_DATA"
    assert verdict.reason.startswith("Insufficient Data: ")
    assert len(verdict.reason) > 30


@pytest.mark.parametrize(
    ("values", "changes", "reason"),
    [
        (
            [3.0],
            {},
            "Threshold Crossed: 1 out of the last 1 datapoints [3 (15/01/27 08:00:00)] was greater "
            "than the threshold (2.0) (minimum 1 datapoint for OK -> ALARM transition).",
        ),
        (
            [1.0, None],
            {"periods": 2, "missing": "notBreaching"},
            "Threshold Crossed: 1 out of the last 2 datapoints [1 (15/01/27 08:00:00)] was not "
            "greater than the threshold (2.0) (minimum 1 datapoint for ALARM -> OK transition). "
            "1 missing datapoint was treated as [NonBreaching].",
        ),
        (
            [None],
            {"missing": "breaching"},
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint "
            "was treated as [Breaching].",
        ),
        ([None, None], {"periods": 2}, "Insufficient Data: 2 datapoints were unknown."),
    ],
)
def test_the_reason_is_worded_as_in_cloudwatch(
    values: Series, changes: dict[str, Any], reason: str
) -> None:
    assert judge(rule(**changes), values, [NOW] * len(values))[1] == reason


def test_the_data_of_a_verdict_is_json() -> None:
    store = Store()
    store.add(ERRORS, 5, NOW - 1)
    data = evaluate(rule(), reader(store), NOW).data(NOW)
    assert json.loads(json.dumps(data))["recentDatapoints"] == [5]
    assert data["queryDate"] == "2027-01-15T08:00:00.000+0000"
