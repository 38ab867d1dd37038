"""Whether an alarm is in ALARM: the same data and time always give the same verdict.

The windows slide: the last one ends now. On AWS they start at whole periods, and AWS looks a little
further back.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from localaws.cloudwatch import queries
from localaws.cloudwatch.expressions import ExpressionError, Series
from localaws.cloudwatch.queries import Queries, Stat
from localaws.cloudwatch.store import UnknownStatisticError
from localaws.json_object import JsonObject

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

# Reads a statistic from a start on, in that many windows of that many seconds.
Read = Callable[[Stat, float, int, int], Series]


@dataclass(frozen=True)
class Rule:
    """What an alarm watches.

    It goes off when `datapoints` of the last `periods` windows of the query `watched` breach the
    threshold.
    """

    queries: Queries
    watched: str
    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: str = "missing"

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison][0](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """`state` None leaves the alarm as it is. `values` run from the oldest window to the newest."""

    state: str | None
    reason: str
    values: Sequence[float | None] = ()
    start: float = 0
    period: int = 0

    def data(self, now: float) -> JsonObject:
        return {
            "version": "1.0",
            "queryDate": _instant(now),
            "startDate": _instant(self.start),
            "period": self.period,
            "recentDatapoints": [value for value in self.values if value is not None],
        }


def evaluate(rule: Rule, read: Read, now: float) -> Verdict:
    count = rule.periods
    try:
        period = queries.period(rule.queries, rule.watched)
        start = now - count * period
        values = queries.values(
            rule.queries,
            rule.watched,
            lambda stat, seconds: read(stat, start, count, seconds),
            period,
            count,
        )
    except (ExpressionError, UnknownStatisticError) as error:
        return Verdict(INSUFFICIENT_DATA, f"Insufficient Data: {error}")
    times = [start + index * period for index in range(count)]
    state, reason = judge(rule, values, times)
    return Verdict(state, reason, tuple(values), start, period)


def judge(
    rule: Rule,
    values: Sequence[float | None],
    times: Sequence[float],
) -> tuple[str | None, str]:
    """State and reason; both sequences run from the oldest window to the newest."""
    present = [value for value in values if value is not None]
    absent = len(values) - len(present)
    breaching = sum(map(rule.breaches, present))
    needed = rule.datapoints
    if not present and rule.missing in {"missing", "ignore"}:
        state = INSUFFICIENT_DATA if rule.missing == "missing" else None
        return state, f"Insufficient Data: {_count(absent, 'datapoint')} {_be(absent)} unknown."
    if rule.missing == "breaching":
        breaching += absent
    elif rule.missing == "missing":
        needed = min(needed, len(present))  # the present values decide alone
    elif rule.missing == "ignore" and len(present) == breaching < needed:
        return None, "Too few datapoints to decide."
    state = ALARM if breaching >= needed else OK
    return state, _reason(rule, state, values, times)


def _reason(
    rule: Rule,
    state: str,
    values: Sequence[float | None],
    times: Sequence[float],
) -> str:
    """In the words of the real service."""
    present = [(value, at) for value, at in zip(values, times, strict=True) if value is not None]
    absent = len(values) - len(present)
    deciding = [
        f"{value:g} ({datetime.fromtimestamp(at, UTC):%d/%m/%y %H:%M:%S})"
        for value, at in reversed(present)
        if rule.breaches(value) == (state == ALARM)
    ]
    treatment = (
        f"{_count(absent, 'missing datapoint')} {_be(absent)} "
        f"treated as [{TREATMENTS[rule.missing]}]."
    )
    if not present:
        periods = _count(len(values), "period")
        return f"Threshold Crossed: no datapoints were received for {periods} and {treatment}"
    if not deciding:
        return f"Threshold Crossed: {treatment}"
    comparison = COMPARISONS[rule.comparison][1]
    transition = "OK -> ALARM"
    if state == OK:
        transition = "ALARM -> OK"
        comparison = f"not {comparison}"
    reason = (
        f"Threshold Crossed: {len(deciding)} out of the last {len(values)} datapoints "
        f"[{', '.join(deciding)}] {_be(len(deciding))} "
        f"{comparison} the threshold ({rule.threshold}) "
        f"(minimum {_count(rule.datapoints, 'datapoint')} for {transition} transition)."
    )
    return f"{reason} {treatment}" if absent else reason


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _be(number: int) -> str:
    return "was" if number == 1 else "were"


def _instant(at: float) -> str:
    instant = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return instant.replace("+00:00", "+0000")
