"""Compares captured records with the live model's baseline.

Imports torch only where images are compared, since it takes seconds.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterable
from pathlib import Path

from container.evaluation.baseline import BaselineError
from monitor.drift import DriftResult
from monitor.records import Record
from scones.aws import Account
from scones.errors import UserError
from scones.outputs import Outputs
from scones.training import live_model


def load_in_background() -> None:
    """Begin to import what `measure` needs, while something else waits for the network."""
    threading.Thread(
        target=importlib.import_module,
        args=("monitor.measurement",),
    ).start()


def measure(
    records: Iterable[Record],
    outputs: Outputs,
    account: Account,
    build: Path,
    images: int | None = None,
) -> DriftResult:
    """Compare the latest `images` records of the target's endpoint; by default as the settings say.

    The live model's artifact is cached in the folder `build`.

    Raises:
        UserError: no model is served, or it has no baseline of this version.
    """
    name, tarball = live_model.fetch(outputs, account, build)
    from monitor.measurement import measure_drift
    from monitor.monitored_model import read_model

    try:
        model = read_model(tarball, name)
    except BaselineError as error:
        raise UserError(str(error)) from error
    settings = outputs.monitoring.drift
    try:
        return measure_drift(
            records,
            model,
            images or settings.images,
            settings.alpha,
            outputs.endpoint.name,
        )
    except ValueError as error:
        raise UserError(f"{error} Correct monitoring.drift_alpha in the settings.") from error
