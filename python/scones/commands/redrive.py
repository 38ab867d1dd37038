"""`make redrive EXECUTION=arn` or `SINCE=24h [UNTIL=…]`: redrive failed executions, each once.

An execution failed if it ended without an answer. An unsure one has an answer; a reviewer decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from scones import cli
from scones.aws import Account
from scones.clients import SFNClient
from scones.errors import UserError
from scones.json_object import JsonObject
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.workflow.redrive import (
    FAILED,
    find_execution,
    is_unsure,
    redrive,
    redrive_all,
)


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("redrive")
    arguments.add_argument(
        "--execution", default="", metavar="ARN", help="one execution, by its ARN or its name"
    )
    cli.add_window(arguments)
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    if bool(options.execution) == bool(options.since):
        one = target.command("redrive EXECUTION=arn")
        several = target.command("redrive SINCE=24h")
        raise UserError(
            f'Name what to redrive: "{one}" for one execution, '
            f'"{several}" for all that failed since then.'
        )
    window = cli.window(options, datetime.now(UTC))
    account = Account.of(target)
    states = account.client("stepfunctions")
    machine = Stack(target, account).require_outputs().state_machine_arn
    if options.execution:
        return redrive_one(states, machine, options.execution, target)
    cli.result(summary(redrive_all(states, machine, window)))
    cli.say(f'See how they end: "{target.command("report SINCE=1h")}".')
    return 0


def redrive_one(states: SFNClient, machine: str, name_or_arn: str, target: Target) -> int:
    """Redrive one execution, and report the ARN of the new one.

    Raises:
        UserError: there is no such execution, or it did not fail.
    """
    execution = find_execution(states, machine, name_or_arn)
    reason = refusal(execution, target)
    if reason:
        raise UserError(reason)
    arn, started = redrive(states, machine, execution)
    cli.result(f"{'Redriven' if started else 'It had been redriven before'}, as {arn}.")
    cli.say(f'See how it ends: "{target.command(f"graph EXECUTION={arn}")}".')
    return 0


def refusal(execution: JsonObject, target: Target) -> str | None:
    """Return why an execution is not redriven; None for one that failed."""
    name = execution["name"]
    if is_unsure(execution):
        review = target.command("review")
        return f'{name} ended unsure, which is an answer: a reviewer decides. Run "{review}".'
    if execution["status"] == "SUCCEEDED":
        return f"{name} succeeded. There is nothing to redrive."
    if execution["status"] not in FAILED:
        return f"{name} is still running. Wait for its end, which takes five minutes at most."
    return None


def summary(counts: Counter[str]) -> str:
    """Return the result line."""
    redriven, before = counts["redriven"], counts["before"]
    if redriven or before:
        plural = "" if redriven == 1 else "s"
        parts = [f"Redrove {redriven:,} failed execution{plural}."]
    else:
        parts = ["No execution failed in that time, so none was redriven."]
    if before:
        parts.append(f"{before:,} had been redriven before.")
    left_out = [f"{counts[kind]:,} {kind}" for kind in ("unsure", "running") if counts[kind]]
    if left_out:
        parts.append(f"Left out: {', '.join(left_out)}.")
    return " ".join(parts)
