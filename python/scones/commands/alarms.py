"""`make alarms`: the state of every alarm, since when and why, and what to do about those that are raised."""

from __future__ import annotations

from collections.abc import Sequence

from scones import cli
from scones.aws import Account
from scones.errors import UserError
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.workflow import alarm_states


def main(argv: Sequence[str]) -> int:
    target = Target.load(cli.parser("alarms").parse_args(argv).target)
    account = Account.of(target)
    outputs = Stack(target, account).outputs()
    if outputs is None:
        raise UserError(
            f'Nothing is provisioned, so there are no alarms. Run "{target.command("apply")}" first.'
        )
    names = outputs.monitoring.alarms
    alarms = alarm_states.read(account.client("cloudwatch"), f"{target.prefix}-", names)
    cli.result(alarm_states.table(alarms))
    if any(alarm.state == alarm_states.MISSING for alarm in alarms):
        cli.say(f'"{target.command("apply")}" makes a missing alarm again.')
    return 0
