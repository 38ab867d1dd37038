"""What must stand before a picture can be classified."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from scones.errors import UserError
from scones.images import manifest
from scones.images.manifest import Manifest
from scones.outputs import Outputs
from scones.settings import Target


def require_model(outputs: Outputs | None, target: Target) -> Outputs:
    """The outputs of a target that serves a model.

    Raises:
        UserError: nothing is provisioned, or only the part without a model.
    """
    if outputs is None:
        raise UserError(
            f'Nothing is provisioned for {target.name}. Run "{target.command("stage train apply")}" first.'
        )
    if outputs.endpoint.config_name is None or outputs.model is None:
        raise UserError(f'No model is served. Run "{target.command("train apply")}" first.')
    return outputs


def require_staged_images(s3: Any, served: Outputs, target: Target) -> Manifest:
    """The manifest of the staged images.

    Raises:
        UserError: nothing is staged, or images of other classes than those served.
    """
    try:
        found = Manifest.parse(
            s3.get_object(Bucket=served.data_bucket, Key=manifest.KEY)["Body"].read()
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchKey", "NoSuchBucket"}:
            raise UserError(f'Nothing is staged. Run "{target.command("stage")}" first.') from error
        raise
    if found.classes != served.classes:
        raise UserError(
            f"The staged images show {', '.join(found.classes)}; the served model knows {', '.join(served.classes)}. "
            f'Run "{target.command("stage train apply")}" to bring them together.'
        )
    return found
