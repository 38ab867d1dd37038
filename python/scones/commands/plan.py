"""`make plan`: show a reviewer what `make apply` would change, and save it for `make apply`."""

from __future__ import annotations

from collections.abc import Sequence

from scones import cli
from scones.aws import Account
from scones.provisioning.planned_model import choose_model
from scones.provisioning.stack import Stack
from scones.settings import Target


def main(argv: Sequence[str]) -> int:
    target = Target.load(cli.parser("plan").parse_args(argv).target)
    stack = Stack(target, Account.of(target))
    model = choose_model(stack)
    plan = stack.plan(model, target.plan_file)
    cli.result(plan.text, verbatim=True)
    served = f"with model {model.name}" if model else "without a model, so without an endpoint"
    if plan.changes:
        file = plan.file.relative_to(target.root)
        cli.result(f"Saved to {file}, {served}. Next: {target.command('apply')}.")
    else:
        cli.result(f"No changes, {served}.")
    return 0
