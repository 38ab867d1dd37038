"""A trained model in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scones.handover import Model
from scones.training import jobs


def figures(model: Model) -> str:
    """How good it is, such as "test accuracy 0.94 (100 images), accepted 0.77 of them at ≥ 0.93 with 0.99 right"."""
    metrics = model.metrics
    if metrics.test_accuracy is None:
        if metrics.validation_accuracy is None:
            return "no accuracy measured"
        return f"validation accuracy {metrics.validation_accuracy:.2f}"
    accepted = f"accepted {metrics.test_accepted or 0:.2f} of them at ≥ {model.threshold:g}"
    if metrics.test_accepted_accuracy is not None:
        accepted += f" with {metrics.test_accepted_accuracy:.2f} right"
    return f"test accuracy {metrics.test_accuracy:.2f} ({metrics.test_images} images), {accepted}"


def duration(job: Mapping[str, Any]) -> str:
    """How long a job that has ended took, and how much of it is billed: "61 s, billable 58 s"."""
    elapsed, billable = jobs.seconds(job)
    return f"{elapsed:.0f} s" + (f", billable {billable:.0f} s" if billable is not None else "")


def remark(model: Model) -> str:
    """What nobody may overlook about the figures, as sentences to append; mostly nothing."""
    drawn = " The images are a drawn sample, not photographs." if model.drawn else ""
    if model.gate and model.gate.forced:
        return f"{drawn} It missed its quality gate and is handed over by force: {'; '.join(model.gate.missed)}."
    return drawn
