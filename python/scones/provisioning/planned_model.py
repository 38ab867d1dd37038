"""Which model a plan serves: the one that training handed over, otherwise the one that is live."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scones.aws import Account
from scones.cli import say
from scones.errors import UserError
from scones.files import write_atomically
from scones.provisioning.stack import Stack
from scones.settings import ROOT, Target
from scones.training import artifact

Model = Mapping[str, Any]


def choose_model(target: Target, account: Account, stack: Stack) -> Model | None:
    """The hand-over to plan with; None before the first training.

    A hand-over whose artifact is gone belongs to a former account and is set aside. A live model whose hand-over file
    is missing, as on another machine, gets its file back: otherwise the plan would remove the endpoint.

    Raises:
        UserError: the file is not a hand-over, or the artifact of a live model is gone.
    """
    live = stack.live_model()
    if not target.handover.exists():
        if live:
            write_atomically(target.handover, json.dumps({"model": live}, indent=2))
            say(
                f"{target.handover.relative_to(ROOT)} was missing; wrote it again from the live model."
            )
        return live
    model = _read(target)
    if artifact.exists(account.client("s3"), model["data_url"]):
        return model
    if live:
        raise UserError(
            f'The artifact {model["data_url"]} is gone. Run "{target.command("train")}" to make a new one.'
        )
    aside = target.handover.with_name("former-model.tfvars.json")
    target.handover.replace(aside)
    say(
        f"The account that held {model['name']} is gone; its hand-over is now {aside.relative_to(ROOT)}."
    )
    return None


def _read(target: Target) -> Model:
    try:
        model = json.loads(target.handover.read_text())["model"]
        if model["name"] and model["data_url"].startswith("s3://"):
            return dict(model)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise UserError(
        f'{target.handover.relative_to(ROOT)} is not a hand-over. Run "{target.command("train")}" to write it again.'
    )
