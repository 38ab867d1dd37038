"""`make promote`: hand an earlier model over again, so that plan and apply bring it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scones import cli, handover
from scones.aws import Account
from scones.clients import S3Client, SageMakerClient
from scones.errors import UserError
from scones.handover import Model
from scones.outputs import Outputs
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.training import live_model, registry, trained_models


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("promote")
    arguments.add_argument(
        "--model",
        default="",
        help="name or version number, as make models lists them",
    )
    arguments.add_argument(
        "--force",
        action="store_true",
        help="even a model that misses the quality gate",
    )
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    if not options.model:
        raise UserError(
            f'Name a model: "{target.command("promote")} MODEL=name"; '
            f'"{target.command("models")}" lists them.'
        )
    account = Account.of(target)
    outputs = Stack(target, account).ensure_provisioned()
    sagemaker, s3 = account.client("sagemaker"), account.client("s3")
    model = choose_model(options.model, options.force, target, outputs, sagemaker, s3)
    handover.write(target.handover, model)
    again = f"{target.command('promote')} MODEL={options.model}"
    registry.try_to_register(model, outputs.model_package_group, again, sagemaker, s3)
    summary = trained_models.summary(model)
    cli.result(f"Handed over {model.name}: {summary}.{trained_models.caveats(model)}")
    live = live_model.find_name(outputs.endpoint.name, sagemaker)
    cli.say(state(model.name, live, outputs.model))
    cli.say(f"Next: {target.command('plan')}, then {target.command('apply')}")
    return 0


def state(name: str, live: str | None, applied: Model | None) -> str:
    """Return what the endpoint serves, beside the model that is handed over now.

    Args:
        applied: the model of the last apply, which is not live if the endpoint did not start it.
    """
    if live is None:
        return "No model is live."
    if live != name:
        return f"The live model is {live}."
    if applied and applied.name != name:
        return f"It is live already: the endpoint never served {applied.name}, which apply removes."
    return "It is live already."


def choose_model(
    name: str,
    force: bool,
    target: Target,
    outputs: Outputs,
    sagemaker: SageMakerClient,
    s3: S3Client,
) -> Model:
    """The model of that name or version number, with the container image of the current settings.

    Raises:
        UserError: there is no such model, its files are gone from S3, or it missed its quality
            gate and `force` is not set.
    """
    package = registry.find(name, outputs.model_package_group, sagemaker)
    if package is None:
        raise UserError(
            f'There is no model {name}; "{target.command("models")}" lists the existing ones.'
        )
    if package.status == registry.REJECTED and not force:
        forced = f"{target.command('promote')} MODEL={package.model} FORCE=1"
        raise UserError(
            f'{package.model} is rejected. {package.reason} "{forced}" hands it over anyway.'
        )
    model = registry.read(package, s3)
    if model.gate and not model.gate.passed:
        model = replace(model, gate=replace(model.gate, forced=True))
    return replace(model, image_uri=trained_models.serving_image(model.algorithm, outputs))
