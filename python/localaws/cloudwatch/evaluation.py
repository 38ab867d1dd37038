"""Whether an alarm goes off: the same data and the same time always give the same verdict.

The windows slide: the last one ends now. AWS's begin at whole periods, and it looks a little further back.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localaws.cloudwatch import queries
from localaws.cloudwatch.expressions import ExpressionError, Series
from localaws.cloudwatch.queries import Queries, Stat
from localaws.cloudwatch.store import UnknownStatisticError

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
TREATMENTS = {
    "breaching": "Breaching",
    "notBreaching": "NonBreaching",
    "missing": "Missing",
    "ignore": "Ignore",
}

Read = Callable[
    [Stat, float, int, int], Series
]  # a statistic from a start on, in so many windows of so many seconds


@dataclass(frozen=True)
class Rule:
    """What an alarm watches: `watched` names the query whose `datapoints` of `periods` windows make the alarm."""

    queries: Queries
    watched: str
    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: str = "missing"


@dataclass(frozen=True)
class Verdict:
    """`state` None means that the alarm stays as it is; `values` come from the oldest window to the newest one."""

    state: str | None
    reason: str
    values: tuple[float | None, ...] = ()
    start: float = 0
    period: int = 0

    def data(self, now: float) -> dict[str, Any]:
        return {
            "version": "1.0",
            "queryDate": _instant(now),
            "startDate": _instant(self.start),
            "period": self.period,
            "recentDatapoints": [value for value in self.values if value is not None],
        }


def evaluate(rule: Rule, read: Read, now: float) -> Verdict:
    try:
        period = queries.period(rule.queries, rule.watched)
        start, count = now - rule.periods * period, rule.periods
        values = queries.values(
            rule.queries,
            rule.watched,
            lambda stat, length: read(stat, start, count, length),
            period,
            count,
        )
    except (ExpressionError, UnknownStatisticError) as error:
        return Verdict(INSUFFICIENT_DATA, f"Insufficient Data: {error}")
    state, reason = judge(rule, values, [start + index * period for index in range(rule.periods)])
    return Verdict(state, reason, tuple(values), start, period)


def judge(
    rule: Rule, values: Sequence[float | None], times: Sequence[float]
) -> tuple[str | None, str]:
    """State and reason; both sequences run from the oldest window to the newest one."""
    breaches, _ = COMPARISONS[rule.comparison]
    present = [value for value in values if value is not None]
    breaching = [value for value in present if breaches(value, rule.threshold)]
    absent = len(values) - len(present)
    if not present and rule.missing in {"missing", "ignore"}:
        words = (
            f"Insufficient Data: {_datapoints(absent)} {'was' if absent == 1 else 'were'} unknown."
        )
        return (INSUFFICIENT_DATA if rule.missing == "missing" else None), words
    needed = rule.datapoints
    count = len(breaching)
    if rule.missing == "breaching":
        count += absent
    elif rule.missing == "missing":
        needed = min(needed, len(present))  # what is there decides alone
    elif rule.missing == "ignore" and present == breaching and count < needed:
        return None, "Too few datapoints to decide."
    state = ALARM if count >= needed else OK
    return state, _reason(rule, state, values, times)


def _reason(rule: Rule, state: str, values: Sequence[float | None], times: Sequence[float]) -> str:
    """As the real service words it."""
    breaches, words = COMPARISONS[rule.comparison]
    threshold = f"{'' if state == ALARM else 'not '}{words} the threshold ({float(rule.threshold)})"
    pairs = [(value, at) for value, at in zip(values, times, strict=True) if value is not None]
    absent = len(values) - len(pairs)
    told = [pair for pair in pairs if breaches(pair[0], rule.threshold) == (state == ALARM)]
    if not pairs:
        return (
            f"Threshold Crossed: no datapoints were received for {_periods(len(values))} and "
            f"{_missing(absent)} treated as [{TREATMENTS[rule.missing]}]."
        )
    if not told:
        return f"Threshold Crossed: {_missing(absent)} treated as [{TREATMENTS[rule.missing]}]."
    listed = ", ".join(
        f"{value:g} ({datetime.fromtimestamp(at, UTC):%d/%m/%y %H:%M:%S})"
        for value, at in told[::-1]
    )
    was = "was" if len(told) == 1 else "were"
    treated = f" {_missing(absent)} treated as [{TREATMENTS[rule.missing]}]." if absent else ""
    least = f"(minimum {_datapoints(rule.datapoints)} for {'OK -> ALARM' if state == ALARM else 'ALARM -> OK'} transition)"
    return (
        f"Threshold Crossed: {len(told)} out of the last {len(values)} datapoints [{listed}] {was} {threshold} "
        f"{least}.{treated}"
    )


def _datapoints(count: int) -> str:
    return f"{count} datapoint{'' if count == 1 else 's'}"


def _periods(count: int) -> str:
    return f"{count} period{'' if count == 1 else 's'}"


def _missing(count: int) -> str:
    return f"{count} missing datapoint{' was' if count == 1 else 's were'}"


def _instant(at: float) -> str:
    return (
        datetime.fromtimestamp(at, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "+0000")
    )
