"""Which model a plan serves: the one that training handed over, otherwise the live one."""

from __future__ import annotations

from scones import handover
from scones.cli import say
from scones.errors import UserError
from scones.handover import Model
from scones.provisioning import endpoint_failure
from scones.provisioning.stack import Stack
from scones.settings import ROOT
from scones.training import artifact


def choose_model(stack: Stack) -> Model | None:
    """Return the model to plan with; None before the first training.

    A hand-over whose artifact is gone belongs to a former account and is set aside. A live model
    whose hand-over file is missing, as on another machine, gets its file back: otherwise the plan
    would remove the endpoint.

    Raises:
        UserError: the file is not a hand-over, or the artifact of a live model is gone.
    """
    live = stack.live_model()
    file = stack.target.handover
    if not file.exists():
        if live:
            handover.write(file, live)
            say(f"{file.relative_to(ROOT)} was missing; wrote it from the live model.")
        return live
    model = handover.read(file)
    train = stack.target.command("train")
    if model is None or not model.data_url.startswith("s3://"):
        path = file.relative_to(ROOT)
        raise UserError(f'{path} is not a hand-over. Run "{train}" to write it again.')
    if artifact.exists(stack.account.client("s3"), model.data_url):
        if live == model and stack.was_interrupted():
            _warn_of_failure(stack, model)
        return model
    if live:
        raise UserError(
            f'The artifact {model.data_url} is gone. Run "{train}" to train a new model.'
        )
    aside = file.with_name("former-model.tfvars.json")
    file.replace(aside)
    say(
        f"The account that held {model.name} is gone; "
        f"its hand-over is now {aside.relative_to(ROOT)}."
    )
    return None


def _warn_of_failure(stack: Stack, model: Model) -> None:
    """Name the ways forward if the last apply failed since the endpoint did not start `model`."""
    outputs, sagemaker = stack.outputs(), stack.account.client("sagemaker")
    if outputs and endpoint_failure.could_not_start(outputs, sagemaker):
        forward = endpoint_failure.way_forward(outputs, stack.target, sagemaker)
        say(f"The endpoint did not start {model.name} in the last apply. {forward}")
