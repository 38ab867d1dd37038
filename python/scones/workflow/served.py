"""What must stand before a picture can be classified."""

from __future__ import annotations

from scones.errors import UserError
from scones.outputs import Outputs
from scones.settings import Target


def expect_model(outputs: Outputs | None, target: Target) -> Outputs:
    """The outputs of a target that serves a model.

    Raises:
        UserError: nothing is provisioned, or only the part without a model.
    """
    if outputs is None:
        raise UserError(f'Nothing is provisioned for {target.name}. Run "{target.command("stage train apply")}" first.')
    if outputs.endpoint.config_name is None or outputs.model is None:
        raise UserError(f'No model is served. Run "{target.command("train apply")}" first.')
    return outputs
