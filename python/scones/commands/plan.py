"""`make plan`: what `make apply` would change, for a reviewer; saved, so that apply does exactly that."""

from __future__ import annotations

from collections.abc import Sequence

from scones import cli
from scones.aws import Account
from scones.provisioning.planned_model import choose_model
from scones.provisioning.stack import Stack
from scones.settings import Target


def main(argv: Sequence[str]) -> int:
    target = Target.load(cli.parser("plan").parse_args(argv).target)
    account = Account.of(target)
    stack = Stack(target, account)
    model = choose_model(target, account, stack)
    plan = stack.plan(model, target.plan_file)
    cli.result(stack.show(plan).rstrip())
    served = f"with model {model['name']}" if model else "without a model, so without an endpoint"
    if plan.changes:
        cli.result(
            f"Saved to {plan.file.relative_to(target.root)}, {served}. Next: {target.command('apply')}."
        )
    else:
        cli.result(f"No changes, {served}.")
    return 0
