"""`make apply`: provision the settings and the handed-over model, and prove that it is served."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scones import cli, waits
from scones.aws import Account
from scones.errors import UserError
from scones.outputs import Outputs
from scones.progress import Step
from scones.provisioning import endpoint_failure
from scones.provisioning.interruption import AccountLost
from scones.provisioning.planned_model import choose_model
from scones.provisioning.proof import NoAnswer, prove
from scones.provisioning.stack import Plan, Stack
from scones.settings import Target
from scones.training import registry
from scones.workflow import samples


def main(argv: Sequence[str]) -> int:
    target = Target.load(cli.parser("apply").parse_args(argv).target)
    stack = Stack(target, Account.of(target))
    plan = choose_plan(stack)
    started = datetime.now(UTC)
    try:
        outputs = stack.apply(plan)
        line = summary(stack, outputs, plan)
    except AccountLost:
        raise
    except UserError as error:
        raise UserError(explain(error, stack, started)) from None
    cli.result(line)
    if outputs.model:
        s3 = stack.account.client("s3")
        again = target.command("apply")
        group = outputs.model_package_group
        sagemaker = stack.account.client("sagemaker")
        registry.add_missing(outputs.model, group, again, sagemaker, s3)
        suggest(samples.write(s3, outputs.data_bucket, target.build), target)
    return 0


def choose_plan(stack: Stack) -> Plan:
    """Return the saved plan if it is up to date, otherwise a new one that the user confirms."""
    target = stack.target
    model = choose_model(stack)
    saved = stack.saved_plan(model)
    if saved:
        cli.say(f"Applying the saved plan {saved.file.relative_to(target.root)}.")
        return saved
    if target.plan_file.exists():
        cli.say("The saved plan has no changes or is out of date; planning again.")
    plan = stack.plan(model, target.plan_file)
    if plan.changes and not cli.confirm(lambda: plan.text, "Apply this plan?", verbatim=True):
        command = target.command("apply")
        raise UserError(f'Nothing was changed. The plan is saved; "{command}" applies it.')
    return plan


def summary(stack: Stack, outputs: Outputs, plan: Plan) -> str:
    """Return the result line, after the proof."""
    applied = "Applied." if plan.changes else "No changes."
    model = outputs.model
    if model is None:
        command = stack.target.command("stage train apply")
        return f"{applied} There is no model yet, so there is no endpoint. Next: {command}."
    client = stack.account.client
    runtime = stack.account.client_of_one_attempt(
        "sagemaker-runtime", waits.ENDPOINT_ANSWER_SECONDS
    )
    with Step("Checking the endpoint"):
        proof = prove(
            model,
            outputs,
            client("sagemaker"),
            runtime,
            client("s3"),
        )
    probes = f"{proof.confirmed} recorded test images got their recorded probabilities"
    if proof.missing:
        probes += f"; {proof.missing} are no longer staged"
    drawn = " It was trained on drawn images, not photographs." if model.drawn else ""
    return (
        f"{applied} The endpoint {outputs.endpoint.name} serves {proof.config_name}: "
        f"{probes}.{drawn}"
    )


def explain(error: UserError, stack: Stack, started: datetime) -> str:
    """Return the error, and if the endpoint is its cause: why, what to do, and its log."""
    planned = stack.outputs()
    if planned is None or planned.endpoint.config_name is None:
        return str(error)
    sagemaker, logs = stack.account.client("sagemaker"), stack.account.client("logs")
    if isinstance(error, NoAnswer):
        reason, log = "", endpoint_failure.where_to_look(planned, logs)
    else:
        reason = endpoint_failure.why_not_serving(planned, sagemaker, started) or ""
        log = endpoint_failure.where_to_look(planned, logs, started) if reason else ""
    remedy = endpoint_failure.way_forward(planned, stack.target, sagemaker) if log else ""
    return " ".join(part for part in (str(error), reason, remedy, log) if part)


def suggest(files: Sequence[Path], target: Target) -> None:
    """Print a command to paste, with an image that exists."""
    image = str(files[0].relative_to(target.root)) if files else "path"
    command = target.command(f"-s classify IMAGE={image}")
    # On a line of its own, which stays whole.
    cli.say("Next, classify an image:")
    cli.say(f"  {command}", verbatim=True)
