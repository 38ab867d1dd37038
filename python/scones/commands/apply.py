"""`make apply`: build what the settings and the handed-over model ask for, and prove that the endpoint serves it."""

from __future__ import annotations

from collections.abc import Sequence

from scones import cli
from scones.aws import Account
from scones.errors import UserError
from scones.outputs import Outputs
from scones.provisioning.planned_model import choose_model
from scones.provisioning.proof import prove, why_not_serving
from scones.provisioning.stack import Plan, Stack
from scones.settings import Target


def main(argv: Sequence[str]) -> int:
    target = Target.load(cli.parser("apply").parse_args(argv).target)
    account = Account.of(target)
    stack = Stack(target, account)
    plan = agreed_plan(target, account, stack)
    try:
        stack.apply(plan)
    except UserError as error:
        standing = stack.outputs()
        reason = standing and why_not_serving(standing, account.client("sagemaker"))
        raise UserError(f"{error} {reason}" if reason else str(error)) from None
    outputs = stack.outputs()
    if outputs is None:
        raise UserError(
            f'Terraform\'s outputs are not complete. Run "{target.command("apply")}" again.'
        )
    cli.result(summary(target, account, outputs, plan))
    return 0


def agreed_plan(target: Target, account: Account, stack: Stack) -> Plan:
    """The saved plan if it still fits, since somebody looked at it; otherwise a new one, which the user agrees to."""
    model = choose_model(target, account, stack)
    saved = stack.saved_plan(model)
    if saved:
        cli.say(f"Applying the saved plan {saved.file.relative_to(target.root)}.")
        return saved
    if target.plan_file.exists():
        cli.say("The saved plan has no changes or no longer fits; planning again.")
    plan = stack.plan(model, target.plan_file)
    if plan.changes and not cli.confirm(lambda: stack.show(plan), "Apply this plan?"):
        raise UserError(
            f'Nothing was changed. The plan is saved; "{target.command("apply")}" applies it.'
        )
    return plan


def summary(target: Target, account: Account, outputs: Outputs, plan: Plan) -> str:
    """The result line, after the proof."""
    applied = "Applied." if plan.changes else "No changes."
    if outputs.model is None:
        return f"{applied} There is no model yet, so there is no endpoint. Next: {target.command('stage train apply')}."
    proof = prove(
        outputs.model,
        outputs,
        *(account.client(service) for service in ("sagemaker", "sagemaker-runtime", "s3")),
    )
    shown = f"{proof.confirmed} recorded test images got their recorded probabilities"
    if proof.missing:
        shown += f"; {proof.missing} are no longer staged"
    drawn = (
        " It was trained on drawn images, not photographs." if outputs.model.get("drawn") else ""
    )
    return (
        f"{applied} The endpoint {outputs.endpoint.name} serves {proof.config_name}: {shown}.{drawn} "
        f"Next: {target.command('classify IMAGE=path')}."
    )
