"""What an image needs to be classified: a served model, and for measurements the staged images."""

from __future__ import annotations

from scones.aws import call_or_none
from scones.clients import S3Client
from scones.errors import UserError
from scones.images import manifest
from scones.images.manifest import Manifest
from scones.outputs import Outputs
from scones.settings import Target


def require_model(outputs: Outputs | None, target: Target) -> Outputs:
    """Return the outputs of a target that serves a model.

    Raises:
        UserError: nothing is provisioned, or only the part without a model.
    """
    if outputs is None:
        command = target.command("stage train apply")
        raise UserError(f'Nothing is provisioned for {target.name}. Run "{command}" first.')
    if outputs.endpoint.config_name is None or outputs.model is None:
        raise UserError(f'No model is served. Run "{target.command("train apply")}" first.')
    return outputs


def require_staged_images(
    s3: S3Client,
    outputs: Outputs,
    target: Target,
    remedy: str = "stage train apply",
) -> Manifest:
    """Return the manifest of the staged images; `remedy` names the verbs that stage other classes.

    Raises:
        UserError: nothing is staged, or images of other classes than the settings name.
    """
    bucket = outputs.data_bucket
    stored = call_or_none(lambda: s3.get_object(Bucket=bucket, Key=manifest.KEY))
    if stored is None:
        raise UserError(
            f'Nothing is staged in s3://{bucket}. Run "{target.command("stage")}" first.'
        )
    staged = Manifest.parse(stored["Body"].read())
    if staged.classes != outputs.classes:
        raise UserError(
            f"The images staged in s3://{bucket} show {', '.join(staged.classes)}, "
            f"but the settings name {', '.join(outputs.classes)}. "
            f'Run "{target.command(remedy)}" again.'
        )
    return staged
