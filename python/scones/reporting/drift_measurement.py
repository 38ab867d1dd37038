"""Captured records against the live model's baseline.

Torch is loaded only when it comes to looking at pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from container.evaluation.baseline import BaselineError
from monitor.outcome import Drift
from monitor.records import Record
from scones.aws import Account
from scones.errors import UserError
from scones.outputs import Outputs
from scones.training import live_artifact

if TYPE_CHECKING:
    from monitor.watched_model import WatchedModel


def measured(
    records: Iterable[Record],
    outputs: Outputs,
    account: Account,
    build: Path,
    images: int | None = None,
) -> Mapping[str, Any] | str:
    """What `measure` finds, as plain values ready for JSON; or a sentence that says why nothing can be found."""
    try:
        return measure(records, outputs, account, build, images).as_json()
    except UserError as error:
        return str(error)


def measure(
    records: Iterable[Record],
    outputs: Outputs,
    account: Account,
    build: Path,
    images: int | None = None,
) -> Drift:
    """Compare the newest records of the target's endpoint, as many as the settings say unless `images` does.

    The live model's artifact is kept in the folder `build`.

    Raises:
        UserError: no model is served, or it has no baseline that this code can compare with.
    """
    model = watched(outputs, account, build)
    from monitor import watch

    settings = outputs.monitoring.drift
    try:
        return watch.measure(
            records, model, images or settings.images, settings.alpha, outputs.endpoint.name
        )
    except ValueError as error:
        raise UserError(f"{error} Mend monitoring.drift_alpha in the settings.") from error


def watched(outputs: Outputs, account: Account, build: Path) -> WatchedModel:
    """The live model with its baseline. Raises UserError."""
    live = live_artifact.fetch(outputs, account, build)
    from monitor import watched_model

    try:
        return watched_model.read(live.tarball, live.name)
    except BaselineError as error:
        raise UserError(str(error)) from error
