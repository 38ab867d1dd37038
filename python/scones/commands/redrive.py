"""`make redrive EXECUTION=arn` or `SINCE=24h [UNTIL=…]`: start failed executions again with the same input, each once.

Failed is what ended without an answer. An unsure picture has one; people decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from scones import cli
from scones.aws import Account
from scones.errors import UserError
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.workflow import redrive as redriving
from scones.workflow.redrive import Count


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("redrive")
    arguments.add_argument(
        "--execution", default="", metavar="ARN", help="one execution, by its ARN or its name"
    )
    arguments.add_argument(
        "--since", default="", help="all that failed of those that began since then, such as 24h"
    )
    arguments.add_argument("--until", default="", help="and before then")
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    if bool(options.execution) == bool(options.since):
        raise UserError(
            f'Say what to start again: "{target.command("redrive EXECUTION=arn")}" for one execution, '
            f'"{target.command("redrive SINCE=24h")}" for all that failed since then.'
        )
    window = cli.window(options.since, options.until, datetime.now(UTC))
    account = Account.of(target)
    outputs = Stack(target, account).outputs()
    if outputs is None:
        raise UserError(
            f'Nothing is provisioned, so nothing has failed. Run "{target.command("apply")}" first.'
        )
    states, machine = account.client("stepfunctions"), outputs.state_machine_arn
    if options.execution:
        return one(states, machine, options.execution, target)
    cli.result(summary(redriving.start_all(states, machine, window)))
    cli.say(f'What became of them: "{target.command("report SINCE=1h")}".')
    return 0


def one(states: Any, machine: str, named: str, target: Target) -> int:
    """Start one execution again, and say as which.

    Raises:
        UserError: there is no such execution, or nothing about it to start again.
    """
    execution = redriving.find(states, machine, named)
    if reason := refusal(execution, target):
        raise UserError(reason)
    arn, started = redriving.start(states, machine, execution)
    cli.result(f"{'Started again' if started else 'It had been started again before'}, as {arn}.")
    cli.say(f'What becomes of it: "{target.command(f"graph EXECUTION={arn}")}".')
    return 0


def refusal(execution: Mapping[str, Any], target: Target) -> str | None:
    """Why an execution is not started again; None for one that failed."""
    name = execution["name"]
    if redriving.is_unsure(execution):
        return f'{name} ended unsure, which is an answer: people decide. Run "{target.command("review")}" to do so.'
    if execution["status"] == "SUCCEEDED":
        return f"{name} succeeded. There is nothing to start again."
    if execution["status"] not in redriving.FAILED:
        return f"{name} is still running. Wait for its end, which takes five minutes at most."
    return None


def summary(count: Count) -> str:
    """The result line."""
    if not (count.started or count.before):
        parts = ["No execution failed in that time, so none was started again."]
    else:
        parts = [f"Started {executions(count.started)} again."]
    if count.before:
        parts.append(f"{count.before:,} had been started again before.")
    if left := [
        f"{number:,} {kind}"
        for number, kind in ((count.unsure, "unsure"), (count.running, "running"))
        if number
    ]:
        parts.append(f"Left out: {', '.join(left)}.")
    return " ".join(parts)


def executions(number: int) -> str:
    return f"{number:,} failed execution{'' if number == 1 else 's'}"
