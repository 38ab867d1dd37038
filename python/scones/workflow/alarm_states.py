"""The states of an environment's alarms, as CloudWatch tells them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

RAISED = "ALARM"
MISSING = "MISSING"
ORDER = (RAISED, MISSING, "INSUFFICIENT_DATA", "OK")
HEADINGS = ("alarm", "state", "since", "reason")
REASON_LENGTH = 90
SAME = {
    r"^Threshold Crossed: ": "",
    r"^\d+ (?:out of the last \d+ )?datapoints? (?=\[)": "",
    r" \(\d\d/\d\d/\d\d \d\d:\d\d:\d\d\)": "",
    r" \(minimum .*?\)": "",
    r"^no datapoints were received for (\d+ periods?) .*": r"no data for \1",
}


@dataclass(frozen=True)
class Alarm:
    """One alarm; `description` says what it means and what to do. One that somebody deleted is MISSING since None."""

    key: str
    state: str
    since: datetime | None
    reason: str
    description: str

    @classmethod
    def parse(cls, key: str, raw: Mapping[str, Any]) -> Alarm:
        """From DescribeAlarms."""
        since = raw.get("StateTransitionedTimestamp") or raw.get("StateUpdatedTimestamp")
        reason = str(raw.get("StateReason", ""))
        return cls(key, str(raw["StateValue"]), since, reason, str(raw.get("AlarmDescription", "")))


def read(cloudwatch: Any, prefix: str, names: Mapping[str, str]) -> list[Alarm]:
    """The alarms of these `names` by key, which all begin with `prefix`; the raised ones first."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
    found = {raw["AlarmName"]: raw for page in pages for raw in page["MetricAlarms"]}
    alarms = [
        Alarm.parse(key, found[name])
        if name in found
        else Alarm(key, MISSING, None, "somebody deleted it", "")
        for key, name in names.items()
    ]
    return sorted(alarms, key=lambda alarm: (ORDER.index(alarm.state), alarm.key))


def table(alarms: Sequence[Alarm]) -> str:
    """A line for each alarm under the headings, and below them what to do about each that is raised."""
    rows = [
        HEADINGS,
        *((alarm.key, alarm.state, _moment(alarm.since), short(alarm.reason)) for alarm in alarms),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    advice = [f"{alarm.key}: {alarm.description}" for alarm in alarms if alarm.state == RAISED]
    return "\n".join([*lines, *(["", *advice] if advice else [])])


def short(reason: str) -> str:
    """What CloudWatch gives as the reason, without what is the same for all and without the time of each value.

    >>> short("Threshold Crossed: 1 datapoint [3.0 (21/11/26 07:12:00)] was greater than the threshold (1.0).")
    '[3.0] was greater than the threshold (1.0).'
    """
    told = reason
    for same, instead in SAME.items():
        told = re.sub(same, instead, told)
    return textwrap.shorten(told, REASON_LENGTH, placeholder=" …")


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else "-"
