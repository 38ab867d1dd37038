"""`make promote`: hand an earlier model over again, so that a plan and an apply bring it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from scones import cli, handover
from scones.aws import Account
from scones.errors import UserError
from scones.handover import Model
from scones.outputs import Outputs
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.training import live_model, registry, trained_models
from scones.training.registry import REJECTED
from scones.training.summary import figures, remark


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("promote")
    arguments.add_argument(
        "--model", default="", help="name or version number, as make models lists them"
    )
    arguments.add_argument(
        "--force", action="store_true", help="even a model that missed its quality gate"
    )
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    if not options.model:
        raise UserError(
            f'Say which model: "{target.command("promote")} MODEL=name"; "{target.command("models")}" lists them.'
        )
    account = Account.of(target)
    outputs = Stack(target, account).ensure_provisioned()
    sagemaker, s3 = account.client("sagemaker"), account.client("s3")
    model = chosen(options.model, options.force, target, outputs, sagemaker, s3)
    registry.register(model, outputs.model_package_group, sagemaker, s3)
    handover.write(target.handover, model)
    cli.result(f"Handed over {model.name}: {figures(model)}.{remark(model)}")
    cli.say(standing(model, live_model.serving(outputs.endpoint.name, sagemaker)))
    cli.say(f"Next: {target.command('plan')}, then {target.command('apply')}")
    return 0


def chosen(
    name: str, force: bool, target: Target, outputs: Outputs, sagemaker: Any, s3: Any
) -> Model:
    """The model of that name or version number, served by the image that the settings name now.

    Raises:
        UserError: there is none, it is gone from S3, or it missed its gate and nobody uses `force`.
    """
    package = registry.find(name, outputs.model_package_group, sagemaker)
    if package is None:
        raise UserError(
            f'There is no model {name}; "{target.command("models")}" lists those that there are.'
        )
    if package.status == REJECTED and not force:
        raise UserError(
            f"{package.model} is rejected. {package.reason} "
            f'"{target.command("promote")} MODEL={package.model} FORCE=1" hands it over all the same.'
        )
    model = registry.read(package, s3)
    if model.gate and not model.gate.passed:
        model = replace(model, gate=replace(model.gate, forced=True))
    return replace(model, image_uri=trained_models.serving_image(model.algorithm, outputs))


def standing(model: Model, live: str | None) -> str:
    """How it stands to the live model, whose name is given."""
    if live == model.name:
        return "It is the live model already."
    return f"The live model is {live}." if live else "No model is live yet."
