"""`make alarms`: the state of every alarm, since when and why, and what to do if it is raised."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scones import cli, terminal
from scones.aws import Account
from scones.clients import CloudWatchClient
from scones.provisioning.stack import Stack
from scones.reporting import alarm_reasons
from scones.settings import Target
from scones.tables import Column, format_table

RAISED = "ALARM"
MISSING = "MISSING"
ORDER = (RAISED, MISSING, "INSUFFICIENT_DATA", "OK")
COLUMNS = (
    Column("alarm"),
    Column("state"),
    Column("since", rank=2),
    Column("reason", rank=1, shortens=True),
)
# Parts of CloudWatch's reasons that are the same for all alarms, and what replaces them.
SHORTENINGS = {
    r"^Threshold Crossed: ": "",
    r"^\d+ (?:out of the last \d+ )?datapoints? (?=\[)": "",
    r" \(\d\d/\d\d/\d\d \d\d:\d\d:\d\d\)": "",
    r" \(minimum .*?\)": "",
    r"^no datapoints were received for (\d+ periods?) .*": r"no data for \1",
}


@dataclass(frozen=True)
class Alarm:
    """One alarm; `description` holds its meaning and what to do.

    A deleted alarm has the state MISSING and no `since`.
    """

    key: str
    state: str
    since: datetime | None
    reason: str
    description: str


def main(argv: Sequence[str]) -> int:
    target = Target.load(cli.parser("alarms").parse_args(argv).target)
    account = Account.of(target)
    names = Stack(target, account).require_outputs().monitoring.alarms
    alarms = read_alarms(
        account.client("cloudwatch"),
        f"{target.prefix}-",
        names,
    )
    cli.result(table(alarms, terminal.width(sys.stdout)), verbatim=True)
    advice = advise(alarms)
    if advice:
        cli.result(advice)
    if any(alarm.state == MISSING for alarm in alarms):
        cli.say(f'"{target.command("apply")}" creates a missing alarm again.')
    return 0


def read_alarms(cloudwatch: CloudWatchClient, prefix: str, names: Mapping[str, str]) -> list[Alarm]:
    """Return the alarms of these names by key, the raised ones first; all begin with `prefix`."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
    found: dict[str, Any] = {
        raw["AlarmName"]: raw for page in pages for raw in page["MetricAlarms"]
    }
    alarms = []
    for key, name in names.items():
        raw = found.get(name, {"StateValue": MISSING, "StateReason": "the alarm was deleted"})
        since = raw.get("StateTransitionedTimestamp") or raw.get("StateUpdatedTimestamp")
        description = raw.get("AlarmDescription", "")
        reason = alarm_reasons.describe(key, raw)
        alarms.append(Alarm(key, raw["StateValue"], since, reason, description))
    return sorted(alarms, key=lambda alarm: (ORDER.index(alarm.state), alarm.key))


def table(alarms: Sequence[Alarm], width: int | None = None) -> str:
    """Return a line for each alarm."""
    rows = []
    for alarm in alarms:
        since = f"{alarm.since.astimezone():%Y-%m-%d %H:%M}" if alarm.since else "-"
        rows.append((alarm.key, alarm.state, since, shorten(alarm.reason)))
    return format_table(COLUMNS, rows, width)


def advise(alarms: Sequence[Alarm]) -> str:
    """Return what to do about each alarm that is raised, after an empty line."""
    raised = [alarm for alarm in alarms if alarm.state == RAISED]
    advice = [f"{alarm.key}: {alarm.description}" for alarm in raised]
    return "\n".join(["", *advice]) if advice else ""


def shorten(reason: str) -> str:
    """Return CloudWatch's reason without what is the same for all, and without values' times.

    >>> shorten("Threshold Crossed: 1 datapoint [3.0 (21/11/26 07:12:00)] was greater than 1.0.")
    '[3.0] was greater than 1.0.'
    """
    for pattern, replacement in SHORTENINGS.items():
        reason = re.sub(pattern, replacement, reason)
    return reason
